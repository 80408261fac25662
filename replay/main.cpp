// understudy-replay: plays recorded traffic against a candidate. main only chooses the command; what happens is in
// replay.cpp.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "replay/options.hpp"
#include "replay/recordings.hpp"
#include "replay/replay.hpp"
#include "traffic/command_line/program.hpp"

namespace understudy {
namespace {

Result<ExitCode> run(const std::vector<std::string>& arguments) {
  const Result<ParsedReplayCommand> parsed = parse_replay_command(arguments);
  if (!parsed) return tl::unexpected(parsed.error());
  if (parsed->action) return parsed->action();
  if (!parsed->options) {
    fmt::print("{}", parsed->text);
    return ExitCode::ok;
  }
  switch (parsed->options->command) {
    case ReplayCommand::run: return run_replay(*parsed->options);
    case ReplayCommand::inspect: return run_inspect(*parsed->options);
    case ReplayCommand::convert: return run_convert(*parsed->options);
  }
  return ExitCode::internal;
}

}  // namespace
}  // namespace understudy

int main(int count, char** values) {
  return understudy::run_program("understudy-replay", count, values, understudy::run);
}
