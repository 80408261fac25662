// What a user asked for: flags, environment and file, validated once into one struct.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replay/carry/carry_rules.hpp"
#include "replay/command_action.hpp"
#include "replay/compare/compare_rules.hpp"
#include "replay/pacing/pacing_options.hpp"
#include "replay/report/objective.hpp"
#include "replay/source/convert.hpp"
#include "replay/source/open_recording.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/base/units.hpp"
#include "traffic/command_line/middleware_settings.hpp"
#include "traffic/net/target.hpp"
#include "traffic/net/tls.hpp"
#include "traffic/rules/rule_options.hpp"

namespace understudy {

enum class ReplayCommand : std::uint8_t { run, inspect, convert };

// A place that requests are sent to, with the way to it.
struct TargetRoute {
  TargetUrl target;
  std::optional<TargetUrl> proxy;
};

struct RecordingSettings {
  std::vector<std::string> paths;
  OpenOptions open;
};

struct LoadSettings {
  PacingOptions pacing;
  bool loop = false;
  std::uint64_t count_max = 0;  // 0: no limit
  std::optional<Nanoseconds> duration;
  Nanoseconds warm_up{};
  Nanoseconds cool_down{};
  Percentage sessions{percentage_whole};
  bool keep_sessions = true;
  std::size_t connections = 0;
  std::size_t threads = 1;
  Nanoseconds spin{};
  Nanoseconds quantum{};
  Nanoseconds live_delay{};
  std::size_t pending_max = 0;
  std::uint64_t memory_max = 0;
  Nanoseconds drain{};
};

struct TargetSettings {
  TargetRoute candidate;
  std::vector<TargetRoute> baselines;  // two at most
  TlsOptions tls;
  bool original_host = false;
  bool forwarded_for = false;
  Nanoseconds connect_timeout{};
  Nanoseconds response_timeout{};
  bool allow_writes = false;
  bool allow_production = false;
};

struct TokenSettings {
  std::string header;   // "Authorization: Bearer {}"; empty: none
  std::string command;  // its first line of output is the token
  Nanoseconds refresh{};
};

struct VerdictSettings {
  std::vector<Objective> objectives;
  std::vector<AbortCondition> abort_conditions;
  bool require_complete = false;
  std::string out_folder;  // empty: none
  bool json = false;       // the result as JSON on standard output instead of the summary
  bool quiet = false;
};

struct ReplayOptions {
  ReplayCommand command = ReplayCommand::run;
  RecordingSettings recording;
  LoadSettings load;
  TargetSettings target;
  RuleOptions rules;
  CarryRules carry;
  TokenSettings token;
  MiddlewareSettings middleware;
  bool compare = false;
  CompareRules compare_rules;
  std::vector<std::string> routes;
  VerdictSettings verdict;
  std::string log_format;
  std::string log_level;
  std::vector<std::pair<std::string, std::string>> given;  // flags that were set, without secrets; for reports
  std::string convert_to;
  ConvertOptions convert;
  bool json = false;  // inspect, convert
};

// The command line's outcome: options to run with, another command's action, or text to print and leave (help,
// version, completion, ...).
struct ParsedReplayCommand {
  std::optional<ReplayOptions> options;
  std::string text;
  CommandAction action = nullptr;
};

// Errors are one line: ExitCode::usage for a flag or variable, ExitCode::configuration for the file (with its line),
// ExitCode::target_invalid for a URL.
[[nodiscard]] Result<ParsedReplayCommand> parse_replay_command(const std::vector<std::string>& arguments);

}  // namespace understudy
