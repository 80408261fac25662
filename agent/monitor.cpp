#include "agent/monitor.hpp"

#include <fmt/format.h>

#include <utility>

namespace understudy {
namespace {

// Connections without any packet for so long are a warning.
constexpr Nanoseconds watchdog_quiet_time = std::chrono::seconds(10);
constexpr Nanoseconds drop_interval = std::chrono::seconds(10);
constexpr Nanoseconds protocol_interval = std::chrono::minutes(5);

}  // namespace

void log_cpu_change(const CpuChange& change) {
  const bool sheds_more = change.action == CpuAction::began || change.action == CpuAction::lowered;
  const char* text = change.action == CpuAction::ended ? "Below the limit of --max-cpu: every session is mirrored again"
                     : sheds_more                      ? "Above the limit of --max-cpu: fewer sessions are mirrored"
                                  : "Below the limit of --max-cpu: more sessions are mirrored again";
  log(sheds_more ? LogLevel::warning : LogLevel::info, text,
      {{"keep_share", change.keep_share}, {"cpu_used", change.cpu_used}, {"cpu_limit", change.cpu_limit}});
}

Monitor::Monitor(std::vector<std::uint16_t> ports)
    : watchdog_(watchdog_quiet_time, [ports = std::move(ports)] { return read_port_sockets(ports); }),
      drops_{0, RepeatLimit(drop_interval)},
      http2_{0, RepeatLimit(protocol_interval)},
      tls_{0, RepeatLimit(protocol_interval)} {}

void Monitor::observe(const AgentSnapshot& snapshot, MonotonicTime now) {
  if (const auto warning = watchdog_.observe(now, snapshot.packets)) log_warning(*warning);
  watchdog_state_.store(watchdog_.state(), std::memory_order_relaxed);
  if (has_grown(drops_, snapshot.capture.dropped_by_kernel + snapshot.capture.dropped_by_interface, now)) {
    log_warning("Packets were dropped before the agent saw them; a larger --buffer or more --workers help",
                {{"dropped_by_kernel", snapshot.capture.dropped_by_kernel},
                 {"dropped_by_interface", snapshot.capture.dropped_by_interface}});
  }
  warn_of_protocol(http2_, "HTTP/2 with prior knowledge", count_of(snapshot.connections, "http2_not_mirrored"), now);
  warn_of_protocol(tls_, "TLS", count_of(snapshot.connections, "tls_not_mirrored"), now);
}

bool Monitor::has_grown(Growth& growth, std::uint64_t value, MonotonicTime now) {
  if (value == growth.told || !growth.limit.admit(now)) return false;
  growth.told = value;
  return true;
}

void Monitor::warn_of_protocol(Growth& growth, std::string_view protocol, std::uint64_t connections,
                               MonotonicTime now) {
  if (!has_grown(growth, connections, now)) return;
  log_warning(fmt::format("The port carries {}, which is not mirrored; its connections are only counted", protocol),
              {{"connections", connections}});
}

}  // namespace understudy
