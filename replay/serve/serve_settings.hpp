// What the environment's server was told by its configuration file (docs/environment-server.md has an example).
//
// Secrets are read when they are needed, from where the settings say: the settings themselves hold none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "replay/environment/clone_payloads.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Where a secret is: a file (its first line), a variable of the environment, or nowhere.
struct SecretPlace {
  std::string file;
  std::string variable;

  [[nodiscard]] bool is_given() const { return !file.empty() || !variable.empty(); }
};
// ExitCode::configuration when it is not there, or empty.
[[nodiscard]] Result<std::string> read_place(const SecretPlace& place);

// What a CredentialRef stands for.
struct ServeCredential {
  CloneKind kind = CloneKind::s3;
  bool destination = false;  // may be written to
  // s3
  std::string endpoint;  // of sides that name none; others must name this one
  std::string region;
  std::string profile;  // of the AWS files; or both of these
  SecretPlace access_key_id, secret_access_key, session_token;
  bool virtual_host = false;
  bool instance_metadata = false;
  std::string ca_file;
  // postgres
  std::string server;  // in libpq's words, without a database: "postgres://clone@127.0.0.1:5432"
  SecretPlace password;
  std::string folder;  // where basebackups go
  // both
  std::vector<std::string> allowed;  // buckets or databases; empty: any
};

struct ServeSmokeTest {
  std::string name, description;
  std::string path;  // below the service's URL
  int status = 200;
  std::string contains;  // the body has it; empty: any body
};

struct ServeQuery {
  std::string name, sql;
};

struct ServeSettings {
  // How it listens.
  std::string address = "127.0.0.1:9700";
  std::string certificate_file, key_file;  // PEM; empty: no TLS
  SecretPlace token;                       // of administrators; nowhere: everyone who reaches the address is one
  std::size_t threads = 16;
  std::string state_folder;

  // The service whose environment this is; its /health gives what is not given here.
  std::string service_url;  // empty: none
  std::string build_version, build_timestamp;
  std::string database_credential;  // of a database to ask; empty: the service's /health says
  std::string database_name;
  std::vector<ServeSmokeTest> tests;
  std::string statistics_path;  // of the service; empty: the queries
  std::vector<ServeQuery> statistics;
  Nanoseconds check_timeout = std::chrono::seconds(5);

  std::map<std::string, ServeCredential, std::less<>> credentials;
  std::map<std::string, std::string, std::less<>> steps;  // commands for /bin/sh, by name
  std::size_t clones_at_once = 2;
  std::string postgres_tools, work_folder;
  bool end_sessions = false;
};

// ExitCode::configuration, with the file and the line.
[[nodiscard]] Result<ServeSettings> read_serve_settings(const std::string& path);

}  // namespace understudy
