#include "agent/shadows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/recordings.hpp"
#include "traffic/command_line/validation.hpp"
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
  // The middleware's thread comes as one worker more.
  sink.workers = options.capture.workers + (shadow.middleware.command.empty() ? 0 : 1);
  sink.requests_max = shadow.queue_requests_max;
  sink.memory_max = context.budget.queue_share(output_count(options));
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

void tell_end(const std::string& shadow, const MiddlewareCounts& counts) {
  const bool is_well = counts.refused + counts.unjudged + counts.restarts == 0;
  log(is_well ? LogLevel::info : LogLevel::warning, "The middleware of a shadow has ended",
      {{"target", shadow},
       {"returned", counts.returned},
       {"omitted", counts.omitted},
       {"unjudged", counts.unjudged},
       {"refused", counts.refused},
       {"restarts", counts.restarts}});
}

}  // namespace

unsigned output_count(const AgentOptions& options) {
  const auto shadows = static_cast<unsigned>(options.shadow.routes.size());
  const unsigned queues_each = options.shadow.middleware.command.empty() ? 1 : 2;
  return shadows * queues_each + recording_count(options.record);
}

ShadowSet::ShadowSet(const AgentOptions& options, const ShadowContext& context)
    : middleware_(options.shadow.middleware),
      workers_(options.capture.workers),
      lossless_(options.capture.read_path.has_value()),
      queue_bytes_max_(context.budget.queue_share(output_count(options))),
      rules_(context.rules),
      recordings_(context.recordings) {}

Result<std::shared_ptr<ShadowSet>> ShadowSet::create(const AgentOptions& options, const ShadowContext& context) {
  std::shared_ptr<ShadowSet> set(new ShadowSet(options, context));
  for (const ShadowRoute& route : options.shadow.routes) {
    auto sink =
        ForwardSink::create(context.loop, system_clock(), context.rules, sink_options(options, route, context),
                            [shadow = route.target.display()](const SenderEvent& event) { tell(shadow, event); });
    if (!sink) return tl::unexpected(sink.error());
    set->shadows_.push_back({std::move(*sink), nullptr, nullptr});
  }
  return set;
}

Result<void> ShadowSet::start() {
  std::vector<Sink*> sinks;
  for (Shadow& shadow : shadows_) {
    if (!middleware_.command.empty()) {
      if (auto started = start_middleware(shadow); !started) return started;
    }
    sinks.push_back(shadow.middleware != nullptr ? static_cast<Sink*>(shadow.middleware.get()) : shadow.forward.get());
  }
  sinks.insert(sinks.end(), recordings_.begin(), recordings_.end());
  fan_out_ = std::make_unique<FanOut>(rules_, std::move(sinks),
                                      [](const CapturedRequest& request) { return is_own(request.message); });
  return {};
}

Result<void> ShadowSet::start_middleware(Shadow& shadow) const {
  const std::string& target = shadow.forward->name();
  MiddlewareOptions options;
  options.command = middleware_.command;
  // One message exists up to seven times at once: itself, as text each way, as it comes back, and parsed.
  options.bytes_max = queue_bytes_max_ / 2;
  options.message_bytes_max = std::min(options.message_bytes_max, queue_bytes_max_ / 8);
  options.patient = lossless_;
  options.on_child_log = [target](std::string_view line) {
    log_info(fmt::format("Middleware: {}", line), {{"target", target}});
  };
  options.on_trouble = [target](const std::string& text) { log_warning(text, {{"target", target}}); };
  auto process = MiddlewareProcess::start(std::move(options));
  if (!process) return tl::unexpected(about("middleware", process.error()));
  shadow.process = std::move(*process);
  shadow.middleware =
      std::make_unique<MiddlewareSink>(*shadow.process, *shadow.forward,
                                       MiddlewareSinkOptions{.fail_open = middleware_.fail_open,
                                                             .with_responses = middleware_.with_responses,
                                                             .lossless = lossless_,
                                                             .lane = workers_});
  return {};
}

void ShadowSet::drain(MonotonicTime deadline) {
  for (Shadow& shadow : shadows_) {
    if (shadow.middleware == nullptr) {
      shadow.forward->drain(deadline);
      continue;
    }
    shadow.middleware->drain(deadline);
    tell_end(shadow.forward->name(), shadow.process->counts());
  }
}

void ShadowSet::add_totals(std::map<std::string, LedgerTotals>& outputs) const {
  for (const Shadow& shadow : shadows_) {
    const LedgerTotals totals = shadow.forward->ledger().totals();
    outputs[shadow.forward->name()] += shadow.middleware != nullptr ? shadow.middleware->with_totals(totals) : totals;
  }
}

std::vector<ForwardSinkStatus> ShadowSet::status() const {
  std::vector<ForwardSinkStatus> all;
  for (const Shadow& shadow : shadows_) all.push_back(shadow.forward->status());
  return all;
}

std::vector<MiddlewareStatus> ShadowSet::middleware_status() const {
  std::vector<MiddlewareStatus> all;
  for (const Shadow& shadow : shadows_) {
    if (shadow.process != nullptr) all.push_back({shadow.forward->name(), shadow.process->counts()});
  }
  return all;
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
