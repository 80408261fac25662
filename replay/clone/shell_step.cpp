#include "replay/clone/shell_step.hpp"

#include <fmt/format.h>

#include <array>

#include "replay/clone/tool_process.hpp"

namespace understudy {
namespace {

constexpr std::size_t output_kept = std::size_t{1} << 20U;

// libpq's keywords and the variables that stand for them (PostgreSQL manual, 34.15).
constexpr std::array<std::pair<std::string_view, const char*>, 9> variables = {{{"host", "PGHOST"},
                                                                                {"hostaddr", "PGHOSTADDR"},
                                                                                {"port", "PGPORT"},
                                                                                {"user", "PGUSER"},
                                                                                {"sslmode", "PGSSLMODE"},
                                                                                {"sslrootcert", "PGSSLROOTCERT"},
                                                                                {"sslcert", "PGSSLCERT"},
                                                                                {"sslkey", "PGSSLKEY"},
                                                                                {"passfile", "PGPASSFILE"}}};

}  // namespace

StepEnvironment step_environment(const std::string& clone_id, const PostgresRoute& route, const std::string& database) {
  StepEnvironment environment = {{"UNDERSTUDY_CLONE_ID", clone_id},
                                 {"UNDERSTUDY_DATABASE_URL", route.display(database)},
                                 {"PGDATABASE", database}};
  for (const auto& [keyword, variable] : variables) {
    const auto found = route.values.find(std::string(keyword));
    if (found != route.values.end()) environment.emplace_back(variable, found->second);
  }
  if (route.password) environment.emplace_back("PGPASSWORD", *route.password);
  return environment;
}

StepEnvironment step_environment(const std::string& clone_id, const std::string& folder) {
  return {{"UNDERSTUDY_CLONE_ID", clone_id}, {"UNDERSTUDY_CLONE_FOLDER", folder}};
}

Result<std::string> run_shell_step(const std::string& command, const StepEnvironment& environment,
                                   const std::string& output_file, std::stop_token stop) {
  const auto outcome = run_tool({{command}, environment, output_file, true}, std::move(stop));
  if (!outcome) return tl::unexpected(outcome.error());
  if (outcome->exit_code == 0) return tool_output(output_file, output_kept);
  return fail(ExitCode::clone_failed, fmt::format("it ended with exit code {}: {}; all that it wrote is in '{}'",
                                                  outcome->exit_code, tool_output_end(output_file), output_file));
}

}  // namespace understudy
