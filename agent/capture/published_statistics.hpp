// An engine's statistics, summed over its sources by the thread that polls, for any thread to read.
//
// Thread safety: publish() by one thread, get() by any.
#pragma once

#include <atomic>
#include <cstdint>

#include "agent/capture/engine.hpp"

namespace understudy {

class PublishedStatistics {
 public:
  // Takes the sum over a range of pointers to sources, each with a method statistics().
  template <typename Sources>
  void publish(const Sources& sources) {
    EngineStatistics sum;
    for (const auto& source : sources) {
      const EngineStatistics one = source->statistics();
      sum.packets_received += one.packets_received;
      sum.dropped_by_kernel += one.dropped_by_kernel;
      sum.dropped_by_interface += one.dropped_by_interface;
      sum.counts_drops = sum.counts_drops && one.counts_drops;
    }
    received_.store(sum.packets_received, std::memory_order_relaxed);
    dropped_.store(sum.dropped_by_kernel, std::memory_order_relaxed);
    interface_dropped_.store(sum.dropped_by_interface, std::memory_order_relaxed);
    counts_drops_.store(sum.counts_drops, std::memory_order_relaxed);
  }
  // What was published last; zeros before.
  [[nodiscard]] EngineStatistics get() const {
    return {received_.load(std::memory_order_relaxed), dropped_.load(std::memory_order_relaxed),
            interface_dropped_.load(std::memory_order_relaxed), counts_drops_.load(std::memory_order_relaxed)};
  }

 private:
  std::atomic<std::uint64_t> received_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> interface_dropped_{0};
  std::atomic<bool> counts_drops_{true};
};

}  // namespace understudy
