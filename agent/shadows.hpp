// The shadows in force: the forward sinks of one configuration, each behind a middleware where there is one, and the
// fan-out that offers requests to them.
//
// A reload makes a new set and publishes it; each worker takes it up between two polls of its engine, so that no packet
// is lost, and lets go of the old one. Recordings are not part of the set: they go on across reloads.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agent/middleware_status.hpp"
#include "agent/options.hpp"
#include "agent/safety/budget.hpp"
#include "traffic/middleware/middleware_sink.hpp"
#include "traffic/net/event_loop.hpp"
#include "traffic/pipeline/fan_out.hpp"
#include "traffic/pipeline/forward_sink.hpp"

namespace understudy {

// What a set is made of besides the options. All references outlive it.
struct ShadowContext {
  EventLoop& loop;
  const CurrentRules& rules;
  const MemoryDivision& budget;
  std::string instance_id;
  std::vector<Sink*> recordings;
};

// How many outputs share the memory for queues. A middleware has a queue of its own in front of its shadow's.
[[nodiscard]] unsigned output_count(const AgentOptions& options);

class ShadowSet {
 public:
  // Loads certificates; connects to nothing and starts nothing. Errors: as ForwardSink::create.
  [[nodiscard]] static Result<std::shared_ptr<ShadowSet>> create(const AgentOptions& options,
                                                                 const ShadowContext& context);
  // Starts the middleware, a child for each shadow, as the user that this process is now. Call it once, before
  // everything below. ExitCode::configuration: it cannot be started.
  [[nodiscard]] Result<void> start();
  // Finishes what is queued, ends the children, and tells in the log what became of them.
  void drain(MonotonicTime deadline);

  // REQUIRES: start() has been called.
  [[nodiscard]] const FanOut& fan_out() const { return *fan_out_; }
  // Any thread, after start(). Adds each shadow's totals under its name.
  void add_totals(std::map<std::string, LedgerTotals>& outputs) const;
  [[nodiscard]] std::vector<ForwardSinkStatus> status() const;
  [[nodiscard]] std::vector<MiddlewareStatus> middleware_status() const;

 private:
  // The forward sink; and in front of it the middleware's, where there is one.
  struct Shadow {
    std::unique_ptr<ForwardSink> forward;
    std::unique_ptr<MiddlewareProcess> process;
    std::unique_ptr<MiddlewareSink> middleware;
  };

  ShadowSet(const AgentOptions& options, const ShadowContext& context);
  [[nodiscard]] Result<void> start_middleware(Shadow& shadow) const;

  const MiddlewareSettings middleware_;
  const unsigned workers_;
  const bool lossless_;
  const std::size_t queue_bytes_max_;  // of one output
  const CurrentRules& rules_;
  const std::vector<Sink*> recordings_;
  std::vector<Shadow> shadows_;
  std::unique_ptr<FanOut> fan_out_;  // over the shadows, and the recordings
};

// The set in force. Readers compare one counter between polls; the lock is taken only after a change.
class CurrentShadows {
 public:
  explicit CurrentShadows(std::shared_ptr<ShadowSet> set) : set_(std::move(set)) {}

  // Publishes a new set and returns the old one, which workers may still be using.
  [[nodiscard]] std::shared_ptr<ShadowSet> exchange(std::shared_ptr<ShadowSet> set);
  [[nodiscard]] std::shared_ptr<ShadowSet> get() const;
  [[nodiscard]] std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

 private:
  mutable std::mutex mutex_;  // guards set_
  std::shared_ptr<ShadowSet> set_;
  std::atomic<std::uint64_t> version_{1};
};

}  // namespace understudy
