#include "replay/clone/postgres_tools.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <utility>

namespace understudy {
namespace {

constexpr std::size_t version_size_max = 200;

[[nodiscard]] std::string output_file(const std::string& work_folder, std::string_view tool) {
  return (std::filesystem::path(work_folder) / fmt::format("{}.output", tool)).string();
}

}  // namespace

PostgresTools::PostgresTools(std::string folder, std::string work_folder, std::string application)
    : folder_(std::move(folder)), work_folder_(std::move(work_folder)), application_(std::move(application)) {}

int tool_major_version(std::string_view text) {
  const std::size_t at = text.find(") ");
  if (at == std::string_view::npos) return 0;
  int version = 0;
  std::from_chars(text.data() + at + 2, text.data() + text.size(), version);
  return version;
}

Result<std::string> PostgresTools::find(std::string_view tool, int server_version, std::stop_token stop) const {
  const int wanted = server_version / 10'000;
  std::string path = fmt::format("{}/{}", folder_, tool);
  if (folder_.empty()) {
    path = fmt::format("/usr/lib/postgresql/{}/bin/{}", wanted, tool);  // Debian's place
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) path = std::string(tool);
  }
  const std::string file = output_file(work_folder_, fmt::format("{}-version", tool));
  const auto outcome = run_tool({{path, "--version"}, {}, file}, std::move(stop));
  if (!outcome) return tl::unexpected(outcome.error());
  const int version = tool_major_version(tool_output(file, version_size_max));
  if (version >= wanted) return path;
  return fail(ExitCode::configuration,
              version == 0
                  ? fmt::format("'{}' does not say its version; is it PostgreSQL's {}?", path, tool)
                  : fmt::format("'{}' is of PostgreSQL {}, and the server is of {}; install the tools of {}, and "
                                "name their folder",
                                path, version, wanted, wanted));
}

Result<void> PostgresTools::run(std::string_view tool, int server_version, std::vector<std::string> arguments,
                                const PostgresRoute& route, std::stop_token stop) const {
  auto path = find(tool, server_version, stop);
  if (!path) return tl::unexpected(path.error());
  ToolCommand command{{std::move(*path)}, {{"PGAPPNAME", application_}, {"LC_MESSAGES", "C"}}, {}};
  command.arguments.insert(command.arguments.end(), std::make_move_iterator(arguments.begin()),
                           std::make_move_iterator(arguments.end()));
  if (route.password) command.environment.emplace_back("PGPASSWORD", *route.password);
  command.output_file = output_file(work_folder_, tool);
  const auto outcome = run_tool(command, std::move(stop));
  if (!outcome) return tl::unexpected(outcome.error());
  if (outcome->exit_code == 0) return {};
  return fail(ExitCode::clone_failed, fmt::format("{} ended with exit code {}: {}", tool, outcome->exit_code,
                                                  tool_output_end(command.output_file)));
}

}  // namespace understudy
