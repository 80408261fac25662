// understudy-agent: captures a service's HTTP requests and replicates them to a shadow. main only chooses the command;
// what happens is in agent.cpp.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "agent/options.hpp"
#include "agent/service_hooks.hpp"
#include "traffic/command_line/program.hpp"

namespace understudy {
namespace {

Result<ExitCode> run(const std::vector<std::string>& arguments) {
  const Result<ParsedCommandLine> parsed = parse_command_line(arguments);
  if (!parsed) return tl::unexpected(parsed.error());
  if (parsed->service) return run_service_command(*parsed->service, make_service_hooks());
  if (!parsed->options) {
    fmt::print("{}", parsed->text);
    return ExitCode::ok;
  }
  const AgentOptions& options = *parsed->options;
  return options.command == Command::check ? run_check(options) : run_agent(options, arguments);
}

}  // namespace
}  // namespace understudy

int main(int count, char** values) {
  return understudy::run_program("understudy-agent", count, values, understudy::run);
}
