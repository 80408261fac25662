// understudy-agent: captures a service's HTTP requests and replicates them to a shadow. main only maps outcomes to exit
// codes; what happens is in agent.cpp.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "agent/options.hpp"
#include "agent/service_hooks.hpp"
#include "traffic/command_line/standard_streams.hpp"

namespace understudy {
namespace {

int report(const Error& error) {
  fmt::print(stderr, "understudy-agent: {}\n", error.message);
  return static_cast<int>(error.code);
}

int run(const std::vector<std::string>& arguments) {
  const Result<ParsedCommandLine> parsed = parse_command_line(arguments);
  if (!parsed) return report(parsed.error());
  if (parsed->service) {
    const Result<ExitCode> outcome = run_service_command(*parsed->service, make_service_hooks());
    return outcome ? static_cast<int>(*outcome) : report(outcome.error());
  }
  if (!parsed->options) {
    fmt::print("{}", parsed->text);
    return static_cast<int>(ExitCode::ok);
  }
  const AgentOptions& options = *parsed->options;
  const Result<ExitCode> outcome =
      options.command == Command::check ? run_check(options) : run_agent(options, arguments);
  return outcome ? static_cast<int>(*outcome) : report(outcome.error());
}

}  // namespace
}  // namespace understudy

int main(int count, char** values) {
  try {
    understudy::prepare_standard_streams();
    return understudy::run({values + 1, values + count});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "understudy-agent: ended by an unexpected error: %s. This is a defect; please report it.\n",
                 error.what());
    return static_cast<int>(understudy::ExitCode::internal);
  }
}
