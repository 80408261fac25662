// What is said about a clone: the request, its state, and the manifest of what was copied.
//
// The readers tolerate members that they do not know, and are strict about the types of those that they do
// (ExitCode::environment_unfit). Values; pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

enum class CloneKind : std::uint8_t { s3, postgres };
enum class CloneOnExisting : std::uint8_t { skip, overwrite, fail };
enum class CloneVerify : std::uint8_t { size, etag, checksum };
enum class CloneMethod : std::uint8_t { template_database, basebackup, dump };

// A side of a clone. Secrets are named, never held: CredentialRef is what the environment knows them by.
struct CloneEndpoint {
  CloneKind kind = CloneKind::s3;
  std::string endpoint, bucket, prefix;  // s3; endpoint and prefix may be empty
  std::string database;                  // postgres
  std::string credential_ref;            // may be empty

  friend bool operator==(const CloneEndpoint&, const CloneEndpoint&) = default;
};

struct CloneOptions {
  std::optional<std::uint64_t> workers, segment_max_objects, segment_max_bytes;
  std::optional<CloneOnExisting> on_existing;
  std::optional<CloneVerify> verify;
  std::optional<CloneMethod> method;  // postgres
  std::vector<std::string> after;     // steps that the environment knows by name: "migrate"
};

struct CloneRequest {
  std::string id;  // letters, digits, '.', '_' and '-', 128 at most: it becomes a part of a path
  CloneEndpoint source, destination;
  CloneOptions options;
};

// The body of POST /clone, without what is not given. ExitCode::usage for an Id that cannot be one, sides of two kinds
// or the same, a missing Bucket or Database, and a user or password in an Endpoint.
[[nodiscard]] Result<std::string> to_json(const CloneRequest& request);

// The same body, read. ExitCode::usage for what is not one, and for all that to_json() refuses.
[[nodiscard]] Result<CloneRequest> read_clone_request(std::string_view body);

// The answer to it.
struct CloneAcceptance {
  std::string id;
  std::optional<Nanoseconds> retry_after;  // before the state is asked for
};

enum class CloneStatus : std::uint8_t { accepted, listing, copying, verifying, succeeded, failed, cancelled };
[[nodiscard]] std::string_view to_string(CloneStatus status);
[[nodiscard]] bool is_final(CloneStatus status);

struct CloneState {
  std::string id;
  CloneStatus status = CloneStatus::accepted;
  bool listing_complete = false;
  struct {
    std::uint64_t total = 0, pending = 0, running = 0, succeeded = 0, failed = 0;
  } segments;
  struct {
    std::uint64_t listed = 0, copied = 0, skipped = 0, failed = 0;
  } objects;
  struct {
    std::uint64_t listed = 0, copied = 0;
  } bytes;
  std::string started_at, updated_at, finished_at;
  std::vector<std::string> errors;  // 1,000 at most

  // "Copying, 1,204 of 7,500 objects, 12 MiB": for a progress line.
  [[nodiscard]] std::string text() const;
};

// The body of GET /clone/{Id}.
[[nodiscard]] std::string to_json(const CloneState& state);

// Id and Status are wanted.
[[nodiscard]] Result<CloneState> read_clone_state(std::string_view body);

// The clone-response document.
struct CloneManifest {
  std::string id, source_name, destination_name;
  std::uint64_t segment_count = 0;
  std::vector<std::string> segment_keys;
};
[[nodiscard]] Result<CloneManifest> read_clone_manifest(std::string_view body);

}  // namespace understudy
