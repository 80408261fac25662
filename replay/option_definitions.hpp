// The flags of the replay's commands, as text, before validation.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "traffic/command_line/connection_flags.hpp"
#include "traffic/command_line/middleware_flags.hpp"
#include "traffic/rules/rule_options.hpp"

namespace understudy {

// Each field is a flag of the same name. Defaults are here and nowhere else.
struct RawReplayOptions : RawConnection {
  std::vector<std::string> recordings;
  std::string from, until, key_file, access_log_host;
  bool gor_replayed = false;

  std::string to;
  std::vector<std::string> baseline;
  bool original_host = false, forwarded_for = false;
  bool allow_writes = false, allow_production = false;
  std::string response_timeout = "30s";

  std::string speed, rate, rate_max, idle_max, duration, warm_up = "0", cool_down = "0", sessions = "100%";
  bool poisson = false, fast = false, loop = false;
  std::uint64_t seed = 1, count = 0;
  std::string quantum = "0", spin = "0", live_delay = "500ms";

  bool any_connection = false;
  std::size_t connections = 64, threads = 1, max_pending = 65536;
  std::string max_memory = "32MiB", drain = "30s";
  std::vector<std::string> carry;
  std::string token_header, token_command, token_refresh = "10m";

  RuleOptions rules;
  std::string redact_key_file;
  RawMiddleware middleware;

  bool compare = false;
  std::vector<std::string> ignore, keep, tolerance, unordered, route;

  std::vector<std::string> fail_if, abort_if;
  bool require_complete = false, json = false, quiet = false;
  std::string out, log_format = "text", log_level = "info";

  std::string config;
  bool print_config = false;

  std::string convert_to;
  bool overwrite = false;
};

// `raw` outlives the command.
void define_replay_run(CLI::App& command, RawReplayOptions& raw);
void define_replay_inspect(CLI::App& command, RawReplayOptions& raw);
void define_replay_convert(CLI::App& command, RawReplayOptions& raw);

}  // namespace understudy
