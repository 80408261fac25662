#include "agent/shadows.hpp"

#include <utility>

#include "traffic/observe/log.hpp"
#include "traffic/rules/self_traffic.hpp"

namespace understudy {
namespace {

ForwardSinkOptions sink_options(const AgentOptions& options, const ShadowRoute& route, const ShadowContext& context) {
  const ShadowSettings& shadow = options.shadow;
  ForwardSinkOptions sink;
  sink.sender.target = route.target;
  sink.sender.proxy = route.proxy;
  sink.sender.connections_max = shadow.connections_max;
  sink.sender.session_affinity = shadow.session_affinity;
  sink.sender.connect_timeout = shadow.connect_timeout;
  sink.sender.response_timeout = shadow.response_timeout;
  sink.tls = shadow.tls;
  sink.workers = options.capture.workers;
  sink.requests_max = shadow.queue_requests_max;
  sink.memory_max = context.budget.queue_share(options.shadow.routes.size() + context.recordings.size());
  sink.lossless = options.capture.read_path.has_value();
  sink.original_host = shadow.original_host;
  sink.forwarded_for = shadow.forwarded_for;
  sink.marker_name = mirrored_header;
  sink.marker_value = context.instance_id;
  return sink;
}

void tell(const std::string& shadow, const SenderEvent& event) {
  const LogLevel level = event.kind == SenderEvent::Kind::breaker_closed ? LogLevel::info : LogLevel::warning;
  log(level, event.text, {{"target", shadow}});
}

}  // namespace

Result<std::shared_ptr<ShadowSet>> make_shadow_set(const AgentOptions& options, const ShadowContext& context) {
  auto set = std::make_shared<ShadowSet>();
  std::vector<Sink*> sinks;
  for (const ShadowRoute& route : options.shadow.routes) {
    auto sink =
        ForwardSink::create(context.loop, system_clock(), context.rules, sink_options(options, route, context),
                            [shadow = route.target.display()](const SenderEvent& event) { tell(shadow, event); });
    if (!sink) return tl::unexpected(sink.error());
    sinks.push_back(sink->get());
    set->sinks.push_back(std::move(*sink));
  }
  sinks.insert(sinks.end(), context.recordings.begin(), context.recordings.end());
  set->fan_out = std::make_unique<FanOut>(context.rules, std::move(sinks),
                                          [](const CapturedRequest& request) { return is_own(request.message); });
  return set;
}

std::shared_ptr<ShadowSet> CurrentShadows::exchange(std::shared_ptr<ShadowSet> set) {
  const std::lock_guard lock(mutex_);
  set_.swap(set);
  version_.fetch_add(1, std::memory_order_release);
  return set;
}

std::shared_ptr<ShadowSet> CurrentShadows::get() const {
  const std::lock_guard lock(mutex_);
  return set_;
}

}  // namespace understudy
