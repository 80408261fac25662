#include "replay/option_definitions.hpp"

#include "traffic/command_line/connection_flags.hpp"
#include "traffic/command_line/option_group.hpp"
#include "traffic/command_line/rule_flags.hpp"

namespace understudy {
namespace {

void define_recording(CLI::App& command, RawReplayOptions& raw) {
  OptionGroup group(command, "Recording (docs/recordings.md)");
  group.one("--from", raw.from, "TIME", "Begin there: 10m into the recording, or 2026-01-02T03:04:05Z");
  group.one("--until", raw.until, "TIME", "End there, likewise");
  group.one("--key-file", raw.key_file, "FILE", "Key of an encrypted recording");
  group.one("--access-log-host", raw.access_log_host, "HOST", "Host of requests from access logs that do not tell it");
  group.flag("--gor-replayed", raw.gor_replayed, "Take the replayed responses of a .gor file for the recorded ones");
}

void define_target(CLI::App& command, RawReplayOptions& raw) {
  OptionGroup group(command, "Target");
  group.one("--to", raw.to, "URL", "The candidate; a path is a prefix");
  group.each("--baseline", raw.baseline, "URL",
             "Send the same to the current build at the same time; a second one tells noise from differences");
  define_connection_flags(group, raw);
  group.flag("--original-host", raw.original_host, "Keep production's Host instead of the target's");
  group.flag("--forwarded-for", raw.forwarded_for, "Add X-Forwarded-For with the recorded client's address");
  group.one("--response-timeout", raw.response_timeout, "TIME", "For a whole response");
  group.flag("--allow-writes", raw.allow_writes,
             "Send every method to a target that is not on loopback, not only GET, HEAD and OPTIONS");
  group.flag("--allow-production", raw.allow_production, "Send to where the recording came from");
}

void define_pacing(CLI::App& command, RawReplayOptions& raw) {
  OptionGroup group(command, "Pacing (docs/pacing.md)");
  group.one("--speed", raw.speed, "FACTOR", "Recorded timing, faster or slower: 2x, 0.5x");
  group.one("--idle-max", raw.idle_max, "TIME", "Cut gaps of the recording to this");
  group.one("--rate", raw.rate, "SHAPE", "500/s, or '100/s for 1m, ramp to 2000/s over 5m, hold 10m'");
  group.flag("--poisson", raw.poisson, "Arrivals at random around --rate instead of evenly spaced");
  group.one("--seed", raw.seed, "N", "Of everything random: equal seeds give equal runs");
  group.flag("--fast", raw.fast, "As fast as --connections allow: closed loop");
  group.one("--rate-max", raw.rate_max, "RATE", "Never faster than this");
  group.flag("--loop", raw.loop, "Begin anew at the recording's end");
  group.one("--count", raw.count, "N", "Send so many requests at most; 0: no limit");
  group.one("--duration", raw.duration, "TIME", "Send for so long at most");
  group.one("--warm-up", raw.warm_up, "TIME", "Leave the first part out of the figures");
  group.one("--cool-down", raw.cool_down, "TIME", "Leave the last part out; wants --duration or a --rate with an end");
  group.one("--quantum", raw.quantum, "TIME", "Send at multiples of this: coarser, and cheaper in CPU");
  group.one("--spin", raw.spin, "TIME",
            "Poll instead of sleeping for the last part of each wait: 50us is sharper, and dearer");
  group.one("--live-delay", raw.live_delay, "TIME", "How far a replay from a pipe stays behind");
}

void define_sessions(CLI::App& command, RawReplayOptions& raw) {
  OptionGroup group(command, "Sessions");
  group.one("--sessions", raw.sessions, "PERCENT", "Play this part of production's connections");
  group.flag("--any-connection", raw.any_connection,
             "Send each request on any connection, instead of each session in order on its own");
  group.one("--connections", raw.connections, "N", "Connections to a target at most");
  group.one("--threads", raw.threads, "N", "Threads that send");
  group.each("--carry", raw.carry, "RULE",
             "Put a replayed value where the recorded one stood: 'json:/access_token -> header:Authorization'");
  group.one("--token-header", raw.token_header, "NAME: VALUE",
            "Set a header with a fresh token for {}: 'Authorization: Bearer {}'");
  group.one("--token-command", raw.token_command, "COMMAND", "Its first line of output is the token");
  group.one("--token-refresh", raw.token_refresh, "TIME", "Run the command anew so often");
}

void define_comparison(CLI::App& command, RawReplayOptions& raw) {
  OptionGroup group(command, "Comparison (docs/comparison.md)");
  group.flag("--compare", raw.compare, "Compare responses with the baseline's, or with the recorded ones");
  group.each("--ignore", raw.ignore, "RULE", "Not compared: '/items/*/updated_at', json:NAME, header:NAME, body");
  group.each("--keep", raw.keep, "RULE", "Compare a header that is ignored by default: header:NAME");
  group.each("--tolerance", raw.tolerance, "RULE", "Numbers may differ by: 0.01, 1%, '/price=0.01'");
  group.each("--unordered", raw.unordered, "RULE", "Arrays without an order: '*', '/items'");
  group.each("--route", raw.route, "PATTERN", "A route for the figures: 'GET /orders/*/items'; others are found");
}

void define_verdict(CLI::App& command, RawReplayOptions& raw) {
  OptionGroup group(command, "Verdict (docs/objectives.md)");
  group.each("--fail-if", raw.fail_if, "CONDITION", "'p99 > 250ms', 'status_mismatch > 0.1%'; exit code 17");
  group.each("--abort-if", raw.abort_if, "CONDITION", "End early: 'errors > 20% for 10s'; exit code 19");
  group.flag("--require-complete", raw.require_complete, "No verdict from a recording with losses");
  group.one("--out", raw.out, "FOLDER", "Write summary, JSON, CSV, JUnit XML, .hgrm and .hlog there");
  group.flag("--json", raw.json, "Print the result as JSON instead of the summary");
}

void define_process(CLI::App& command, RawReplayOptions& raw) {
  OptionGroup group(command, "Process");
  group.one("--max-pending", raw.max_pending, "N",
            "Requests due and not answered at most; what comes then is lost, and counted");
  group.one("--max-memory", raw.max_memory, "SIZE", "Memory of requests planned and under way at most");
  group.one("--drain", raw.drain, "TIME", "How long to wait for the last responses");
  group.flag("--quiet", raw.quiet, "No progress");
  group.one("--log-format", raw.log_format, "text|json", "Logs as text, or one JSON object a line");
  group.one("--log-level", raw.log_level, "LEVEL", "debug, info, warning or error");
  group.one("--config", raw.config, "FILE", "TOML file whose keys are these flags without the dashes in front");
  group.flag("--print-config", raw.print_config, "Print the effective configuration as such a file, and leave");
}

}  // namespace

void define_replay_run(CLI::App& command, RawReplayOptions& raw) {
  command.add_option("recordings", raw.recordings, "Recordings of any format, patterns of names, or - for a pipe")
      ->required()
      ->type_name("RECORDING");
  define_recording(command, raw);
  define_target(command, raw);
  define_pacing(command, raw);
  define_sessions(command, raw);
  define_rule_flags(command, raw.rules, raw.redact_key_file);
  define_middleware_flags(command, raw.middleware);
  define_comparison(command, raw);
  define_verdict(command, raw);
  define_process(command, raw);
}

void define_replay_inspect(CLI::App& command, RawReplayOptions& raw) {
  command.add_option("recordings", raw.recordings, "Recordings of any format, patterns of names, or -")
      ->required()
      ->type_name("RECORDING");
  define_recording(command, raw);
  OptionGroup group(command, "Output");
  group.flag("--json", raw.json, "Print JSON instead of text");
}

void define_replay_convert(CLI::App& command, RawReplayOptions& raw) {
  command
      .add_option("from_to", raw.recordings,
                  "Recordings to read, then the file to write: .take, .gor, .gor.gz, .har, .jsonl")
      ->required()
      ->expected(2, 10000)
      ->type_name("FROM... TO");
  define_recording(command, raw);
  OptionGroup group(command, "Output");
  group.flag("--overwrite", raw.overwrite, "Replace the file if it is there");
  group.flag("--json", raw.json, "Print the summary as JSON instead of text");
}

}  // namespace understudy
