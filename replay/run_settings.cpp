#include "replay/run_settings.hpp"

#include <algorithm>

#include "traffic/middleware/middleware_process.hpp"
#include "traffic/net/resolver.hpp"
#include "traffic/observe/log.hpp"
#include "traffic/rules/self_traffic.hpp"

namespace understudy {
namespace {

[[nodiscard]] RunTarget run_target(const ReplayOptions& options, const TargetRoute& route) {
  RunTarget target;
  target.sender.target = route.target;
  target.sender.proxy = route.proxy;
  target.sender.connect_timeout = options.target.connect_timeout;
  target.sender.response_timeout = options.target.response_timeout;
  // A load test wants to see a slow target's time-outs: only a target that cannot be connected to is given up for a
  // while.
  target.sender.breaker_failures = ~0U;
  target.sender.breaker_pause_max = std::chrono::seconds(1);
  target.tls = options.target.tls;
  target.original_host = options.target.original_host;
  target.forwarded_for = options.target.forwarded_for;
  return target;
}

[[nodiscard]] ProductionGuard guard_of(const ReplayOptions& options) {
  ProductionGuard guard;
  if (options.target.allow_production) return guard;
  std::vector<TargetRoute> routes = options.target.baselines;
  routes.push_back(options.target.candidate);
  for (const TargetRoute& route : routes) {
    guard.hosts.push_back(route.target.host_field());
    if (route.proxy) continue;  // the proxy resolves the name
    const auto addresses = look_up(route.target.host);
    if (!addresses) continue;  // the sender will say so
    for (const IpAddress& address : *addresses) guard.endpoints.push_back({address, route.target.port});
  }
  return guard;
}

}  // namespace

bool is_live(const ReplayOptions& options) { return std::ranges::count(options.recording.paths, "-") > 0; }

std::optional<Nanoseconds> known_length(const ReplayOptions& options, const Pacer& pacer) {
  std::optional<Nanoseconds> length = pacer.length();
  if (options.load.duration) length = std::min(length.value_or(*options.load.duration), *options.load.duration);
  return length;
}

ReplayRunOptions run_settings(const ReplayOptions& options, const SharedHeader* token) {
  const LoadSettings& load = options.load;
  ReplayRunOptions run;
  run.targets.push_back(run_target(options, options.target.candidate));
  for (const TargetRoute& baseline : options.target.baselines) {
    run.targets.push_back(run_target(options, baseline));
  }
  run.threads = load.threads;
  run.connections = load.connections;
  run.keep_sessions = load.keep_sessions;
  run.pending_max = load.pending_max;
  run.memory_max = load.memory_max;
  run.fast = load.pacing.as_fast_as_possible;
  run.spin = load.spin;
  run.quantum = load.quantum;
  run.warm_up = load.warm_up;
  run.schedule.guard = guard_of(options);
  run.schedule.allow_writes = options.target.allow_writes;
  run.schedule.sessions = load.sessions;
  run.schedule.loop = load.loop;
  run.schedule.count_max = load.count_max;
  run.schedule.duration = load.duration;
  run.schedule.seed = load.pacing.seed;
  if (is_live(options)) run.schedule.start_delay = load.live_delay;
  // Behind a request that the middleware omits, all others wait until that is certain.
  if (is_live(options) && !options.middleware.command.empty())
    run.schedule.start_delay += MiddlewareOptions{}.answer_max;
  run.marker_value = make_instance_id();
  run.compare = options.compare;
  run.compare_rules = options.compare_rules;
  run.carry = options.carry;
  run.token = token;
  run.on_event = [names = std::vector<std::string>{"candidate", "baseline", "second baseline"}](
                     std::size_t target, const SenderEvent& event) {
    const LogLevel level = event.kind == SenderEvent::Kind::breaker_closed ? LogLevel::info : LogLevel::warning;
    log(level, event.text, {{"target", names[target]}});
  };
  return run;
}

}  // namespace understudy
