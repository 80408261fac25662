// The seam between those who want a clone (the `clone` command, the environment's server) and those who make one: one
// implementation for buckets (bucket_clone.hpp), one for PostgreSQL (postgres_clone.hpp).
//
// What a clone leaves behind are documents in a DocumentStore, under the clone's Id. They are its memory: a run that
// finds those of an earlier run of the same Id goes on where that ended.
//
//   <Id>/clone-request.json             {id, source: {name}, destination: {name}, ...}
//   <Id>/segments/00000001.request.json    {id, source: {name, prefix}, destination: {name}, ...}
//   <Id>/segments/00000001.response.json   {id, source: {name, prefix}, destination: {name}, files: [key, ...], ...}
//   <Id>/clone-response.json            {id, source: {name}, destination: {name}, segments: {count, values: [...]}}
//
// The clone-response is written last: where it is, the clone has succeeded. Segments count from 1. A clone that has no
// segments of its own (PostgreSQL) is one segment.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "replay/clone/clone_progress.hpp"
#include "replay/clone/document_store.hpp"
#include "replay/environment/clone_payloads.hpp"
#include "replay/store/aws_credentials.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/net/target.hpp"
#include "traffic/net/tls.hpp"

namespace understudy {

// How a side is opened: what a CredentialRef stands for. Secrets: never in a document, a log or an error.
struct CloneAccess {
  AwsCredentials aws;              // s3
  std::string region;              // s3; empty: us-east-1
  bool virtual_host = false;       // s3: bucket.host/key in place of host/bucket/key; AWS itself always gets the former
  std::optional<TargetUrl> proxy;  // s3
  TlsOptions tls;                  // s3
  Nanoseconds connect_timeout = std::chrono::seconds(10);  // s3
  std::string user, password;                              // postgres: those of the role; empty: what libpq finds
  std::string server;  // postgres: its server in libpq's words; empty: the side's Database says all
  std::string folder;  // postgres: where the folder of a basebackup is made
};

// What the side's CredentialRef stands for; asked again before AwsCredentials::expires. An empty CredentialRef is the
// asker's default. ExitCode::configuration for a name that is not known. Called from any thread.
using CloneAccessLookup = std::function<Result<CloneAccess>(const CloneEndpoint& side)>;

// A PostgreSQL clone's After steps: runs one by its name, with its output as the answer.
// ExitCode::configuration for a name that is not known. Stops early when the token says so.
using CloneStep = std::function<Result<std::string>(const std::string& name, std::stop_token stop)>;

// What a run is given besides its request. All references outlive it.
struct CloneContext {
  CloneAccessLookup access;
  CloneStep step;  // may be empty: After is refused
  DocumentStore& documents;
  CloneProgress& progress;
  const Clock& clock;
  // Shares a clone whose request document is there already, with whoever else works on it.
  bool join = false;
};

// Runs a clone to its end on the caller's thread, and on threads of its own that have ended when it returns. Leaves
// `progress` in a final status: succeeded with the manifest, failed with the error, cancelled when `stop` was requested
// (ExitCode::aborted). The documents stay in each case, and the same Id goes on from them: an Id with another request
// is refused (ExitCode::refused). Source equal to destination is ExitCode::usage.
using CloneRunner = std::function<Result<CloneManifest>(const CloneRequest& request, const CloneContext& context,
                                                        std::stop_token stop)>;

// Keys of the documents. REQUIRES: the Id is one (see CloneRequest::id).
[[nodiscard]] std::string clone_request_key(std::string_view id);
[[nodiscard]] std::string clone_response_key(std::string_view id);
[[nodiscard]] std::string segment_request_key(std::string_view id, std::uint64_t segment);
[[nodiscard]] std::string segment_response_key(std::string_view id, std::uint64_t segment);

// The clone-response document, for GET /clone/{Id}/manifest and for the one who makes it. Each segment key is a
// segment_response_key.
[[nodiscard]] std::string to_json(const CloneManifest& manifest);

}  // namespace understudy
