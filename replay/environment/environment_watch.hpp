// The rules about an environment's health while a run measures it.
//
// In maintenance mode the service turns everyone but administrators away by 503, while /health may stay 200: the run
// pauses, and what was measured meanwhile is left out. Any other unfit answer may be a hiccup; so many in a row abort
// the run. A changed BuildVersion or BuildTimestamp makes the pair of runs worthless.
//
//   running <-> paused         MaintenanceMode
//   running, paused -> aborted      unfit_max unfit polls in a row
//   running, paused -> invalidated  another build
//
// A pure state machine: whoever polls /health hands in answers with their times. Nothing leads out of aborted and
// invalidated. Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "replay/environment/environment_client.hpp"
#include "replay/environment/payloads.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

enum class WatchState : std::uint8_t { running, paused, aborted, invalidated };

struct EnvironmentWatchOptions {
  unsigned unfit_max = 3;  // polls in a row; 1 or more
};

// What was measured in [from, to) is left out.
struct ExcludedInterval {
  MonotonicTime from;
  MonotonicTime to;
};

class EnvironmentWatch {
 public:
  // Beyond this many, the last one grows instead: more is left out, never less.
  static constexpr std::size_t intervals_max = 1000;

  // `build` is what the run began with.
  EnvironmentWatch(const HealthPayload& build, MonotonicTime start, EnvironmentWatchOptions options);

  // One poll's answer, or why there was none. REQUIRES: times do not go back. Returns the state from now on.
  WatchState on_poll(MonotonicTime now, const Result<HealthAnswer>& answer);

  [[nodiscard]] WatchState state() const { return state_; }
  // Why the run was aborted or invalidated; "" before.
  [[nodiscard]] const std::string& reason() const { return reason_; }
  // Maintenance so far: each from the last poll without it to the first one without it, since nobody knows when in
  // between it began and ended. One that lasts ends at the last poll.
  [[nodiscard]] const std::vector<ExcludedInterval>& excluded() const { return excluded_; }
  [[nodiscard]] bool is_excluded(MonotonicTime time) const;
  // How much of the time up to the last poll was left out.
  [[nodiscard]] Nanoseconds excluded_time() const;
  // Unfit polls in all, those included that did not abort the run.
  [[nodiscard]] std::uint64_t unfit_polls() const { return unfit_polls_; }

 private:
  // Ends the watch.
  void end(WatchState state, std::string reason);
  void on_maintenance(MonotonicTime now);
  void on_unfit(MonotonicTime now, const std::string& found);

  HealthPayload build_;
  EnvironmentWatchOptions options_;
  WatchState state_ = WatchState::running;
  std::string reason_;
  MonotonicTime last_running_;  // the last poll that was healthy
  unsigned unfit_in_a_row_ = 0;
  std::uint64_t unfit_polls_ = 0;
  std::vector<ExcludedInterval> excluded_;  // in order, apart from each other
};

}  // namespace understudy
