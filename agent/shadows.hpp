// The shadows in force: the forward sinks of one configuration, and the fan-out that offers requests to them.
//
// A reload makes a new set and publishes it; each worker takes it up between two polls of its engine, so that no packet
// is lost, and lets go of the old one. Recordings are not part of the set: they go on across reloads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agent/options.hpp"
#include "agent/safety/budget.hpp"
#include "traffic/net/event_loop.hpp"
#include "traffic/pipeline/fan_out.hpp"
#include "traffic/pipeline/forward_sink.hpp"

namespace understudy {

struct ShadowSet {
  std::vector<std::unique_ptr<ForwardSink>> sinks;
  std::unique_ptr<FanOut> fan_out;  // over the sinks, and the recordings
};

// What a set is made of besides the options. All references outlive it.
struct ShadowContext {
  EventLoop& loop;
  const CurrentRules& rules;
  const MemoryDivision& budget;
  std::string instance_id;
  std::vector<Sink*> recordings;
};

// Loads certificates; connects to nothing. Errors: as ForwardSink::create.
[[nodiscard]] Result<std::shared_ptr<ShadowSet>> make_shadow_set(const AgentOptions& options,
                                                                 const ShadowContext& context);

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
