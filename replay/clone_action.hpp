// What the command clone does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "replay/clone/clone_job.hpp"
#include "replay/environment/clone_payloads.hpp"
#include "traffic/base/error.hpp"
#include "traffic/command_line/connection_flags.hpp"

namespace understudy {

// How a bucket's store is reached.
struct CloneStoreFlags {
  std::string endpoint;  // empty: AWS
  std::string region;    // empty: as the AWS tools find it
};

struct CloneCommandSettings {
  // With join only the Id and Workers are the user's; the rest is in the documents. A profile is a side's
  // CredentialRef.
  CloneRequest request;
  std::string source_password, destination_password;  // postgres
  CloneStoreFlags source, destination, documents;
  bool virtual_host = false;
  bool instance_metadata = false;
  RawConnection connection;
  Nanoseconds connect_timeout{};
  std::string documents_place;     // a folder, or s3://bucket/prefix
  std::vector<std::string> after;  // commands, run on a database's copy; the names in the request count them
  bool end_sessions = false;
  bool join = false;
  bool json = false;
  bool quiet = false;
};

// Clones, with progress on standard error and the result on standard output. Ctrl-C ends it in order and says how to go
// on: ExitCode::aborted. clone_failed, permission, target_invalid, tls, refused and usage say why it did not succeed.
[[nodiscard]] Result<ExitCode> run_clone_command(const CloneCommandSettings& settings);

}  // namespace understudy
