// Looks at the agent's own figures once a second, and warns in the log when something is wrong that nobody would see
// otherwise: packets dropped before the agent, connections without packets, protocols that are not mirrored.
//
// Thread safety: observe() from one thread; watchdog_state() from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

#include "agent/safety/cpu_governor.hpp"
#include "agent/safety/watchdog.hpp"
#include "agent/snapshot.hpp"
#include "traffic/observe/log.hpp"

namespace understudy {

// Logs that --max-cpu sheds more or less than before.
void log_cpu_change(const CpuChange& change);

class Monitor {
 public:
  // The service's ports, to look up its connections when no packets are seen.
  explicit Monitor(std::vector<std::uint16_t> ports);

  void observe(const AgentSnapshot& snapshot, MonotonicTime now);
  [[nodiscard]] WatchdogState watchdog_state() const { return watchdog_state_.load(std::memory_order_relaxed); }

 private:
  // A figure that warns when it has grown, at most once in an interval.
  struct Growth {
    std::uint64_t told = 0;
    RepeatLimit limit;
  };
  [[nodiscard]] static bool has_grown(Growth& growth, std::uint64_t value, MonotonicTime now);
  void warn_of_protocol(Growth& growth, std::string_view protocol, std::uint64_t connections, MonotonicTime now);

  Watchdog watchdog_;
  std::atomic<WatchdogState> watchdog_state_{WatchdogState::ok};
  Growth drops_;
  Growth http2_;
  Growth tls_;
};

}  // namespace understudy
