// Notices that nothing is captured although the port is in use, the failure that users meet most often.
//
// Fed by its owner every few seconds. While packets come it asks nothing. When none came for `quiet_time`, it wants to
// know whether the port has connections; if it has, it warns, once, until packets come again. Idle connections (a pool
// of keep-alive connections at night) look the same, so the text says "may".
//
// Thread safety: of one thread. Pure: the caller reads the socket table.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "agent/safety/socket_table.hpp"
#include "traffic/base/clock.hpp"

namespace understudy {

enum class WatchdogState : std::uint8_t {
  ok,       // packets come, or it is too early to tell
  idle,     // no packets, and no connections either
  warning,  // connections, but no packets
};

class Watchdog {
 public:
  // `read_sockets` is called only when no packets came for `quiet_time`, at most once in each.
  Watchdog(Nanoseconds quiet_time, std::function<Result<PortSockets>()> read_sockets);

  // `packets` is the capture's running total. Returns a text when a warning begins.
  [[nodiscard]] std::optional<std::string> observe(MonotonicTime now, std::uint64_t packets);

  [[nodiscard]] WatchdogState state() const { return state_; }

 private:
  Nanoseconds quiet_time_;
  std::function<Result<PortSockets>()> read_sockets_;
  std::optional<MonotonicTime> last_change_;  // when packets came last, or the table was read last
  std::uint64_t packets_ = 0;
  WatchdogState state_ = WatchdogState::ok;
};

}  // namespace understudy
