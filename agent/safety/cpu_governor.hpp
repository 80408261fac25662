// Keeps the agent under --max-cpu by mirroring fewer sessions, and says so.
//
// Control: once an interval the agent's CPU use is compared with the limit. Two intervals in a row above it lower the
// share of sessions that are kept, in proportion to the excess. Below 80 % of the limit the share rises by a quarter of
// itself (and at least 1 point) each interval. In between nothing changes, so that it does not swing. The share never
// falls below 1 %: the agent goes on telling what it sees.
//
// Shedding is by whole sessions: a session is kept or not by a hash of its id, and whoever is kept at a lower share is
// kept at every higher one. A shed request is counted as lost to `cpu_shed`.
//
// Thread safety: one thread calls observe(); keeps() and keep_share() may be called from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "traffic/base/clock.hpp"

namespace understudy {

enum class CpuAction : std::uint8_t {
  began,    // shedding begins
  lowered,  // sheds more
  raised,   // sheds less
  ended,    // everything is kept again
};

struct CpuChange {
  CpuAction action = CpuAction::began;
  double keep_share = 1.0;  // from now on
  double cpu_used = 0.0;    // of one core, in the last interval
  double cpu_limit = 0.0;
};

class CpuGovernor {
 public:
  // `cpu_limit` is a fraction of one core, as top shows it: 0.2 is 20 %, 1.5 is one and a half cores. `on_change` is
  // called from observe(), at each change of the share.
  CpuGovernor(double cpu_limit, Nanoseconds interval, std::function<void(const CpuChange&)> on_change);

  // Tells the process's CPU time so far. May be called more often than the interval.
  void observe(MonotonicTime now, Nanoseconds process_cpu_time);

  // Whether to mirror a session's requests now. A few nanoseconds.
  [[nodiscard]] bool keeps(std::uint64_t session_id) const;

  [[nodiscard]] double keep_share() const;
  // Of one core, over the last whole interval; for the status.
  [[nodiscard]] double cpu_used() const { return cpu_used_.load(std::memory_order_relaxed); }

 private:
  void regulate(double used);
  void set_share(double share, double used);

  double cpu_limit_;
  Nanoseconds interval_;
  std::function<void(const CpuChange&)> on_change_;
  std::optional<MonotonicTime> interval_start_;
  Nanoseconds cpu_at_start_{};
  unsigned intervals_over_ = 0;
  double share_ = 1.0;
  std::atomic<std::uint64_t> threshold_;  // a session is kept while its hash is not above it
  std::atomic<double> cpu_used_{0.0};
};

// CPU time that all threads of this process have used.
[[nodiscard]] Nanoseconds process_cpu_time();

}  // namespace understudy
