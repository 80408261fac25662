#include "replay/option_validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "replay/route/route_table.hpp"
#include "traffic/command_line/middleware_flags.hpp"
#include "traffic/command_line/validation.hpp"

namespace understudy {
namespace {

[[nodiscard]] bool is_loopback(const TargetRoute& route) {
  if (route.proxy) return false;
  const std::string& host = route.target.host;
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

void validate_recording(const RawReplayOptions& raw, RecordingSettings& recording, Validation& check) {
  recording.paths = raw.recordings;
  TimeBound bound;
  if (!raw.from.empty()) {
    check.read("from", raw.from, parse_time_bound, bound);
    recording.open.from = bound;
  }
  if (!raw.until.empty()) {
    check.read("until", raw.until, parse_time_bound, bound);
    recording.open.to = bound;
  }
  recording.open.key_file = raw.key_file;
  recording.open.access_log_host = raw.access_log_host;
  recording.open.gor_replayed_responses = raw.gor_replayed;
}

void validate_target(const RawReplayOptions& raw, TargetSettings& target, Validation& check) {
  check.require(!raw.to.empty(), "to", "is missing; say where to send, such as --to http://candidate:8080");
  check.require(raw.baseline.size() <= 2, "baseline", "is given more than twice");
  const ProxyChoice choice = raw.proxy_choice();
  const auto read_route = [&](std::string_view flag, const std::string& url, TargetRoute& route) {
    check.read(flag, url, parse_target, route.target);
    if (!check.error()) check.take(proxy_for(route.target, choice), route.proxy);
  };
  read_route("to", raw.to, target.candidate);
  for (const std::string& url : raw.baseline) read_route("baseline", url, target.baselines.emplace_back());
  target.tls = raw.tls_options();
  target.original_host = raw.original_host;
  target.forwarded_for = raw.forwarded_for;
  check.read("connect-timeout", raw.connect_timeout, parse_duration, target.connect_timeout);
  check.read("response-timeout", raw.response_timeout, parse_duration, target.response_timeout);
  check.require(check.error() || (target.connect_timeout.count() > 0 && target.response_timeout.count() > 0),
                "connect-timeout", "and --response-timeout must be more than 0");
  target.allow_writes =
      raw.allow_writes || (is_loopback(target.candidate) && std::ranges::all_of(target.baselines, is_loopback));
  target.allow_production = raw.allow_production;
}

void validate_pacing(const RawReplayOptions& raw, LoadSettings& load, Validation& check) {
  load.pacing.speed = raw.speed;
  load.pacing.rate = raw.rate;
  load.pacing.rate_max = raw.rate_max;
  load.pacing.poisson = raw.poisson;
  load.pacing.seed = raw.seed;
  load.pacing.as_fast_as_possible = raw.fast;
  const auto read_optional = [&](std::string_view flag, const std::string& text, std::optional<Nanoseconds>& out) {
    Nanoseconds value{};
    if (text.empty()) return;
    check.read(flag, text, parse_duration, value);
    out = value;
  };
  read_optional("idle-max", raw.idle_max, load.pacing.idle_max);
  read_optional("duration", raw.duration, load.duration);
  check.read("warm-up", raw.warm_up, parse_duration, load.warm_up);
  check.read("cool-down", raw.cool_down, parse_duration, load.cool_down);
  check.read("quantum", raw.quantum, parse_duration, load.quantum);
  check.read("spin", raw.spin, parse_duration, load.spin);
  check.require(check.error() || load.spin <= std::chrono::milliseconds(1), "spin",
                "is 1ms at most: a thread that polls all the time takes a whole core, and is stopped by the kernel "
                "where it runs at real-time priority");
  check.read("live-delay", raw.live_delay, parse_duration, load.live_delay);
  load.loop = raw.loop;
  load.count_max = raw.count;
  // Refuses what cannot go together before anything is opened.
  std::unique_ptr<Pacer> pacer;
  if (!check.error()) check.take(make_pacer(load.pacing), pacer);
  const bool ends = load.duration || (pacer != nullptr && pacer->length());
  check.require(load.cool_down.count() == 0 || ends, "cool-down",
                "needs an end that is known: give --duration, or a --rate whose last part has one");
  check.require(!load.loop || ends || load.count_max > 0, "loop",
                "would never end: give --duration, --count, or a --rate whose last part has an end");
}

void validate_load(const RawReplayOptions& raw, LoadSettings& load, Validation& check) {
  validate_pacing(raw, load, check);
  check.read("sessions", raw.sessions, parse_percentage, load.sessions);
  load.keep_sessions = !raw.any_connection;
  load.connections = raw.connections;
  load.threads = raw.threads;
  load.pending_max = raw.max_pending;
  check.require(raw.connections >= 1 && raw.connections <= 65536, "connections", "takes a number from 1 to 65536");
  check.require(raw.threads >= 1 && raw.threads <= 64, "threads", "takes a number from 1 to 64");
  check.require(raw.threads <= raw.connections, "threads", "is more than --connections");
  check.require(raw.max_pending >= raw.threads, "max-pending", "is less than --threads");
  check.read("max-memory", raw.max_memory, parse_byte_size, load.memory_max);
  check.require(check.error() || load.memory_max >= (1U << 20U), "max-memory", "must be at least 1MiB");
  check.read("drain", raw.drain, parse_duration, load.drain);
}

void validate_token(const RawReplayOptions& raw, TokenSettings& token, Validation& check) {
  check.require(raw.token_header.empty() == raw.token_command.empty(), "token-header",
                "and --token-command go together: one says where the token goes, the other gives it");
  if (raw.token_header.empty()) return;
  check.require(raw.token_header.find(": ") != std::string::npos && raw.token_header.find("{}") != std::string::npos,
                "token-header", "wants a name and a value with {} in it: 'Authorization: Bearer {}'");
  token.header = raw.token_header;
  token.command = raw.token_command;
  check.read("token-refresh", raw.token_refresh, parse_duration, token.refresh);
  check.require(check.error() || token.refresh >= std::chrono::seconds(1), "token-refresh", "must be at least 1s");
}

void validate_comparison(const RawReplayOptions& raw, ReplayOptions& options, Validation& check) {
  CompareOptions rules;
  rules.ignore = raw.ignore;
  rules.keep = raw.keep;
  rules.tolerance = raw.tolerance;
  rules.unordered = raw.unordered;
  const bool any_rule = !(raw.ignore.empty() && raw.keep.empty() && raw.tolerance.empty() && raw.unordered.empty());
  options.compare = raw.compare || !raw.baseline.empty();
  check.require(options.compare || !any_rule, "compare", "is missing, and rules for it are given");
  check.take(CompareRules::compile(rules), options.compare_rules);
  options.routes = raw.route;
  std::optional<RouteTable> table;
  check.take(RouteTable::compile(raw.route), table);
}

void validate_verdict(const RawReplayOptions& raw, VerdictSettings& verdict, Validation& check) {
  for (const std::string& text : raw.fail_if) {
    auto objective = Objective::parse(text);
    if (objective) {
      verdict.objectives.push_back(std::move(*objective));
    } else {
      check.require(false, "fail-if", objective.error().message);
      return;
    }
  }
  for (const std::string& text : raw.abort_if) {
    auto condition = AbortCondition::parse(text);
    if (condition) {
      verdict.abort_conditions.push_back(std::move(*condition));
    } else {
      check.require(false, "abort-if", condition.error().message);
      return;
    }
  }
  verdict.require_complete = raw.require_complete;
  verdict.out_folder = raw.out;
  verdict.json = raw.json;
  verdict.quiet = raw.quiet;
}

}  // namespace

Result<ReplayOptions> validate(const RawReplayOptions& raw, ReplayCommand command) {
  ReplayOptions options;
  options.command = command;
  options.json = raw.json;
  options.log_format = raw.log_format;
  options.log_level = raw.log_level;
  Validation check;
  validate_recording(raw, options.recording, check);
  if (command == ReplayCommand::convert) {
    options.convert_to = options.recording.paths.back();
    options.recording.paths.pop_back();
    options.convert.overwrite = raw.overwrite;
  }
  if (command == ReplayCommand::run) {
    validate_target(raw, options.target, check);
    validate_load(raw, options.load, check);
    validate_token(raw, options.token, check);
    validate_comparison(raw, options, check);
    validate_verdict(raw, options.verdict, check);
    validate_middleware(raw.middleware, options.middleware, check);
    check.take(CarryRules::compile(raw.carry), options.carry);
    options.rules = raw.rules;
    if (!raw.redact_key_file.empty()) {
      check.read("redact-key-file", raw.redact_key_file, read_secret, options.rules.redact_key);
    }
  }
  if (check.error()) return tl::unexpected(*check.error());
  return options;
}

}  // namespace understudy
