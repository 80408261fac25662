// After steps of a clone as commands of the shell: a migration, the start of a server on a basebackup.
//
// A command finds the copy in its environment: UNDERSTUDY_CLONE_ID; of a database UNDERSTUDY_DATABASE_URL (without a
// password) and what libpq and its tools read (PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSWORD, PGSSLMODE); of a
// basebackup UNDERSTUDY_CLONE_FOLDER.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "replay/clone/clone_job.hpp"
#include "replay/clone/postgres_route.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

using StepEnvironment = std::vector<std::pair<std::string, std::string>>;

// Of a copy in a database of a server.
[[nodiscard]] StepEnvironment step_environment(const std::string& clone_id, const PostgresRoute& route,
                                               const std::string& database);
// Of a copy in a folder.
[[nodiscard]] StepEnvironment step_environment(const std::string& clone_id, const std::string& folder);

// Runs the command by a shell (ToolCommand::by_shell). What it writes is kept in `output_file`; the last MiB of it is
// the answer. A command that does not succeed is ExitCode::clone_failed, with the end of what it wrote and the file.
[[nodiscard]] Result<std::string> run_shell_step(const std::string& command, const StepEnvironment& environment,
                                                 const std::string& output_file, std::stop_token stop);

}  // namespace understudy
