// How far a run is: one live line on a terminal, a line every ten seconds without one, nothing with --quiet.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "replay/report/figures.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/observe/progress.hpp"

namespace understudy {

// A run at one moment.
struct ReplayProgress {
  Nanoseconds elapsed{};
  std::optional<double> position;     // 0 to 1; nothing: the end is not known
  std::optional<double> target_rate;  // now, in requests a second
  double achieved_rate = 0;           // of the last seconds
  std::uint64_t latency_p50 = 0;      // of the last seconds, in nanoseconds; 0: no response yet
  std::uint64_t latency_p99 = 0;
  std::uint64_t errors = 0;        // since the start
  std::uint64_t finished = 0;      // since the start
  std::uint64_t lateness_p99 = 0;  // of the last seconds, in nanoseconds
  bool draining = false;           // nothing more is sent; the last responses are awaited
};

// Fills the rates and latencies from a window of the last seconds (SlidingWindow::figures() and span()), and the counts
// from the totals.
[[nodiscard]] ReplayProgress progress_of(Nanoseconds elapsed, const LoadFigures& totals, const LoadFigures& recent,
                                         Nanoseconds recent_span);

// "42 %  3:12 left  998.2 of 1,000/s  p50 1.2 ms  p99 14 ms  errors 12 (0.1 %)  late 0.1 ms", at most `columns` long;
// parts are left out from the right when it is too long. Time left is from the position and the time elapsed. Pure.
[[nodiscard]] std::string format_replay_progress(const ReplayProgress& progress, unsigned columns);

// Thread safety: one thread. Destruction clears the live line.
class ProgressLine {
 public:
  static constexpr Nanoseconds redraw_interval = std::chrono::milliseconds(250);
  static constexpr Nanoseconds plain_interval = std::chrono::seconds(10);
  static constexpr unsigned plain_columns = 200;
  static constexpr Nanoseconds window = std::chrono::seconds(3);  // "the last seconds"

  // Live where standard error is a terminal, else plain lines on standard error; nothing when `quiet`.
  explicit ProgressLine(bool quiet);
  // With another place for plain lines, and never live: for tests and for embedding.
  explicit ProgressLine(std::function<void(const std::string&)> plain);

  // Whether show() would print at that moment: what it takes to fill a ReplayProgress can be spared until then.
  [[nodiscard]] bool is_due(MonotonicTime now) const;
  // Prints when it is due. May be called as often as one likes.
  void show(const ReplayProgress& progress, MonotonicTime now);
  // Takes the live line away for good, before the summary is printed.
  void clear();

 private:
  std::optional<LiveLine> live_;
  std::function<void(const std::string&)> plain_;  // empty: none
  std::optional<MonotonicTime> last_;
};

}  // namespace understudy
