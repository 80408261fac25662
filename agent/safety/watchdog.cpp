#include "agent/safety/watchdog.hpp"

#include <fmt/format.h>

#include <utility>

namespace understudy {

Watchdog::Watchdog(Nanoseconds quiet_time, std::function<Result<PortSockets>()> read_sockets)
    : quiet_time_(quiet_time), read_sockets_(std::move(read_sockets)) {}

std::optional<std::string> Watchdog::observe(MonotonicTime now, std::uint64_t packets) {
  if (!last_change_ || packets != packets_) {
    last_change_ = now;
    packets_ = packets;
    state_ = WatchdogState::ok;
    return std::nullopt;
  }
  if (now - *last_change_ < quiet_time_) return std::nullopt;
  last_change_ = now;
  const Result<PortSockets> sockets = read_sockets_();
  if (!sockets) return std::nullopt;  // nothing can be said
  const WatchdogState before =
      std::exchange(state_, sockets->established > 0 ? WatchdogState::warning : WatchdogState::idle);
  if (state_ != WatchdogState::warning || before == WatchdogState::warning) return std::nullopt;
  return fmt::format(
      "The port has {} connections, but no packet was captured for {} s: they may be idle, or their packets "
      "pass another interface or network namespace; 'understudy-agent check' looks into it",
      sockets->established, std::chrono::duration_cast<std::chrono::seconds>(quiet_time_).count());
}

}  // namespace understudy
