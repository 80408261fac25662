#include "replay/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string_view>

#include "replay/clone_command.hpp"
#include "replay/environment_commands.hpp"
#include "replay/forecast_command.hpp"
#include "replay/observe_command.hpp"
#include "replay/option_definitions.hpp"
#include "replay/option_validation.hpp"
#include "replay/rehearse_command.hpp"
#include "replay/report_command.hpp"
#include "replay/serve_command.hpp"
#include "traffic/command_line/config_file.hpp"
#include "traffic/command_line/standard_commands.hpp"

namespace understudy {
namespace {

// Tables of the configuration file that group keys for the reader's sake.
constexpr std::string_view sections[] = {"recording", "target",     "pacing",  "sessions",
                                         "rules",     "comparison", "verdict", "process"};

constexpr const char* run_footer = R"(Examples:
  understudy-replay run monday.take --to http://candidate --speed 2x
  understudy-replay run monday.take --to http://candidate --rate '100/s for 1m, ramp to 2000/s over 5m, hold 10m' --loop
  understudy-replay run monday.take --to http://candidate --baseline http://current --fail-if 'p99 > 250ms' --fail-if 'status_mismatch > 0.1%' --out results/
  understudy-agent run --port 8080 --stream - | understudy-replay run - --to http://candidate

A target that is not on loopback gets only GET, HEAD and OPTIONS, unless --allow-writes says otherwise.
Each flag is also an environment variable (--rate-max is UNDERSTUDY_RATE_MAX) and a key of the --config file.
Ctrl-C stops sending, waits for the last responses, and still reports; a second one ends at once.
Exit codes: 0 every objective was met, 17 one was not, 18 no verdict is possible, 19 aborted; docs/exit-codes.md has all.)";

// The program with its commands. Built for each parse, since CLI11 keeps results inside.
struct CommandLine {
  CLI::App app{"Plays recorded HTTP traffic against a candidate build, and tells what differs.", "understudy-replay"};
  RawReplayOptions run_raw, inspect_raw, convert_raw;  // CLI11 gives the environment's values to every command
  CLI::App* run = nullptr;
  CLI::App* inspect = nullptr;
  CLI::App* convert = nullptr;
  std::optional<EnvironmentCommands> environment;
  std::optional<ForecastCommand> forecast;
  std::optional<CloneCommand> clone;
  std::optional<ReportCommand> report;
  std::optional<ObserveCommand> observe;
  std::optional<RehearseCommand> rehearse;
  std::optional<ServeCommand> serve;
  std::optional<StandardCommands> standard;

  CommandLine() {
    run = app.add_subcommand("run", "Play a recording, measure, compare, and give a verdict");
    run->footer(run_footer);
    define_replay_run(*run, run_raw);
    inspect = app.add_subcommand("inspect", "Say what is in a recording, and how complete it is");
    define_replay_inspect(*inspect, inspect_raw);
    convert = app.add_subcommand("convert", "Write recordings in another format");
    define_replay_convert(*convert, convert_raw);
    environment.emplace(app);
    forecast.emplace(app);
    clone.emplace(app);
    report.emplace(app);
    observe.emplace(app);
    rehearse.emplace(app);
    serve.emplace(app);
    standard.emplace(app);
  }
};

// What was set, as text for reports: secrets stay out.
std::vector<std::pair<std::string, std::string>> given_options(const CLI::App& command) {
  static constexpr std::string_view hidden[] = {"set-header", "token-command", "set-param", "redact-key-file",
                                                "middleware"};
  std::vector<std::pair<std::string, std::string>> given;
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() == 0 || option->get_lnames().empty()) continue;
    const std::string name = option->get_single_name();
    const bool is_hidden = std::ranges::count(hidden, name) > 0;
    for (const std::string& value : option->results()) {
      given.emplace_back(name, is_hidden ? "***" : without_password(value));
    }
  }
  return given;
}

Result<ParsedReplayCommand> parsed_command(CommandLine& line) {
  for (auto action : {line.environment->action(), line.forecast->action(), line.clone->action(), line.report->action(),
                      line.observe->action(), line.rehearse->action(), line.serve->action()}) {
    if (!action) continue;
    if (!*action) return tl::unexpected(action->error());
    return ParsedReplayCommand{std::nullopt, {}, std::move(**action)};
  }
  const auto finish = [](const CLI::App& command, const RawReplayOptions& raw,
                         ReplayCommand which) -> Result<ParsedReplayCommand> {
    auto options = validate(raw, which);
    if (!options) return tl::unexpected(options.error());
    options->given = given_options(command);
    return ParsedReplayCommand{std::move(*options), {}};
  };
  if (line.inspect->parsed()) return finish(*line.inspect, line.inspect_raw, ReplayCommand::inspect);
  if (line.convert->parsed()) return finish(*line.convert, line.convert_raw, ReplayCommand::convert);
  if (!line.run_raw.config.empty()) {
    if (auto applied = apply_config_file(line.run_raw.config, *line.run, sections); !applied) {
      return tl::unexpected(applied.error());
    }
  }
  if (line.run_raw.print_config) return ParsedReplayCommand{std::nullopt, print_config(*line.run)};
  return finish(*line.run, line.run_raw, ReplayCommand::run);
}

}  // namespace

Result<ParsedReplayCommand> parse_replay_command(const std::vector<std::string>& arguments) {
  CommandLine line;
  auto text = line.standard->parse(arguments);
  if (!text) return tl::unexpected(text.error());
  if (*text) return ParsedReplayCommand{std::nullopt, std::move(**text)};
  return parsed_command(line);
}

}  // namespace understudy
