// understudy-replay: plays recorded traffic against a candidate. main only maps outcomes to exit codes; what happens is
// in replay.cpp.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "replay/options.hpp"
#include "replay/recordings.hpp"
#include "replay/replay.hpp"
#include "traffic/command_line/standard_streams.hpp"

namespace understudy {
namespace {

int report(const Error& error) {
  fmt::print(stderr, "understudy-replay: {}\n", error.message);
  return static_cast<int>(error.code);
}

Result<ExitCode> carry_out(const ReplayOptions& options) {
  switch (options.command) {
    case ReplayCommand::run: return run_replay(options);
    case ReplayCommand::inspect: return run_inspect(options);
    case ReplayCommand::convert: return run_convert(options);
  }
  return ExitCode::internal;
}

int run(const std::vector<std::string>& arguments) {
  const Result<ParsedReplayCommand> parsed = parse_replay_command(arguments);
  if (!parsed) return report(parsed.error());
  if (parsed->action) {
    const Result<ExitCode> outcome = parsed->action();
    return outcome ? static_cast<int>(*outcome) : report(outcome.error());
  }
  if (!parsed->options) {
    fmt::print("{}", parsed->text);
    return static_cast<int>(ExitCode::ok);
  }
  const Result<ExitCode> outcome = carry_out(*parsed->options);
  return outcome ? static_cast<int>(*outcome) : report(outcome.error());
}

}  // namespace
}  // namespace understudy

int main(int count, char** values) {
  try {
    understudy::prepare_standard_streams();
    return understudy::run({values + 1, values + count});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "understudy-replay: ended by an unexpected error: %s. This is a defect; please report it.\n",
                 error.what());
    return static_cast<int>(understudy::ExitCode::internal);
  }
}
