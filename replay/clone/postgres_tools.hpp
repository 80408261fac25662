// The official tools of PostgreSQL, of a version that fits a server.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "replay/clone/postgres_server.hpp"
#include "replay/clone/tool_process.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class PostgresTools {
 public:
  // `folder` as in PostgresCloneSettings::tools_folder; work_folder exists, and keeps what tools write.
  PostgresTools(std::string folder, std::string work_folder, std::string application);

  // Runs a tool to its end: "pg_dump", with these arguments, as `route` says, without asking for a password.
  // ExitCode::clone_failed, with the end of what it wrote, when it does not succeed; ExitCode::configuration when it is
  // missing or older than the server.
  [[nodiscard]] Result<void> run(std::string_view tool, int server_version, std::vector<std::string> arguments,
                                 const PostgresRoute& route, std::stop_token stop) const;

 private:
  // The tool's path, its version checked.
  [[nodiscard]] Result<std::string> find(std::string_view tool, int server_version, std::stop_token stop) const;

  std::string folder_, work_folder_, application_;
};

// The major version in what a tool prints of itself: 15 of "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"; 0
// when there is none.
[[nodiscard]] int tool_major_version(std::string_view text);

}  // namespace understudy
