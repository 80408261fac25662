#include "replay/environment_commands.hpp"

#include <string>
#include <utility>
#include <vector>

#include "replay/environment_actions.hpp"
#include "replay/environment_options.hpp"
#include "traffic/base/units.hpp"
#include "traffic/command_line/option_group.hpp"
#include "traffic/command_line/validation.hpp"

namespace understudy {
namespace {

constexpr const char* health_footer = R"(Examples:
  understudy-replay health http://candidate
  understudy-replay health http://candidate --expect-version 1.0.16209.8792 --wait 5m --polls 3
  understudy-replay health https://candidate/status/health --header @token.txt --ca-file test-ca.pem --json

A poll is healthy when it is answered 200, with DatabaseConnectivity true and MaintenanceMode false.
Exit codes: 0 healthy, 10 a certificate does not verify, 21 not healthy in time; docs/environment.md has the contract.)";

constexpr const char* statistics_footer = R"(Examples:
  understudy-replay statistics http://candidate/admin/statistics --save before.json
  understudy-replay statistics http://candidate/admin/statistics --compare before.json --rule '/users/count = equal' --rule '/cache/*/hits = within 5%' --rule '/requests/** = monotone' --rule '/started_at = ignore'

Of several rules for a path the last one counts. A path without a rule is always reported.
Exit codes: 0 every rule holds, 22 one does not, 18 a path without a rule changed, 21 the service did not answer.)";

struct RawHealth {
  RawEnvironment environment;
  std::string expect_version, wait = "1m", interval = "1s";
  unsigned polls = 3;
  bool json = false, quiet = false;
};

struct RawStatistics {
  RawEnvironment environment;
  std::string save, compare;
  std::vector<std::string> rule;
  bool json = false;
};

void define_health(CLI::App& command, RawHealth& raw) {
  define_environment(command, raw.environment);
  OptionGroup group(command, "Health (docs/environment.md)");
  group.one("--expect-version", raw.expect_version, "VERSION", "Only this BuildVersion counts");
  group.one("--wait", raw.wait, "TIME", "How long to wait for it; 0: look once");
  group.one("--polls", raw.polls, "N", "Healthy polls in a row that are wanted");
  group.one("--interval", raw.interval, "TIME", "Between two polls");
  group.flag("--quiet", raw.quiet, "No progress");
  group.flag("--json", raw.json, "Print JSON instead of text");
}

void define_statistics(CLI::App& command, RawStatistics& raw) {
  define_environment(command, raw.environment);
  OptionGroup group(command, "Statistics (docs/environment.md)");
  group.one("--save", raw.save, "FILE", "Write them to a file");
  group.one("--compare", raw.compare, "FILE", "Compare them with saved ones");
  group.each("--rule", raw.rule, "RULE",
             "What may change: '/path/*/name = equal', 'within 5%', 'monotone' or 'ignore'");
  group.flag("--json", raw.json, "Print JSON instead of text");
}

[[nodiscard]] Result<CommandAction> health_action(const RawHealth& raw) {
  HealthCommand command;
  auto http = validate_environment(raw.environment, command.environment.paths.health);
  if (!http) return tl::unexpected(http.error());
  command.environment.http = std::move(*http);
  Validation check;
  command.wait.expected_version = raw.expect_version;
  check.read("wait", raw.wait, parse_duration, command.wait.deadline);
  check.read("interval", raw.interval, parse_duration, command.wait.interval);
  check.require(raw.polls >= 1 && raw.polls <= 1000, "polls", "takes a number from 1 to 1000");
  check.require(check.error() || command.wait.interval >= std::chrono::milliseconds(10), "interval",
                "must be at least 10ms");
  if (check.error()) return tl::unexpected(*check.error());
  command.wait.polls = command.wait.deadline.count() == 0 ? 1 : raw.polls;
  command.json = raw.json;
  command.quiet = raw.quiet;
  return CommandAction([command] { return run_health(command); });
}

[[nodiscard]] Result<CommandAction> statistics_action(const RawStatistics& raw) {
  StatisticsCommand command;
  auto http = validate_environment(raw.environment, command.environment.paths.statistics);
  if (!http) return tl::unexpected(http.error());
  command.environment.http = std::move(*http);
  Validation check;
  check.require(raw.rule.empty() || !raw.compare.empty(), "rule", "is for --compare, which is missing");
  if (check.error()) return tl::unexpected(*check.error());
  auto rules = StatisticsRules::compile(raw.rule);
  if (!rules) return tl::unexpected(about("rule", rules.error()));
  command.rules = std::move(*rules);
  command.save = raw.save;
  command.compare = raw.compare;
  command.json = raw.json;
  return CommandAction([command] { return run_statistics(command); });
}

}  // namespace

struct EnvironmentCommands::Flags {
  RawHealth health_raw;
  RawStatistics statistics_raw;
  CLI::App* health = nullptr;
  CLI::App* statistics = nullptr;
};

EnvironmentCommands::EnvironmentCommands(CLI::App& app) : flags_(std::make_unique<Flags>()) {
  flags_->health = app.add_subcommand("health", "Wait until a test environment is healthy, with the build expected");
  flags_->health->footer(health_footer);
  define_health(*flags_->health, flags_->health_raw);
  flags_->statistics =
      app.add_subcommand("statistics", "Save a service's statistics, and compare them with saved ones");
  flags_->statistics->footer(statistics_footer);
  define_statistics(*flags_->statistics, flags_->statistics_raw);
}

EnvironmentCommands::~EnvironmentCommands() = default;

std::optional<Result<CommandAction>> EnvironmentCommands::action() const {
  if (flags_->health->parsed()) return health_action(flags_->health_raw);
  if (flags_->statistics->parsed()) return statistics_action(flags_->statistics_raw);
  return std::nullopt;
}

}  // namespace understudy
