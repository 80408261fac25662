// The run over time: once a second the engine hands in its totals so far; from these come the series and the intervals
// of latency. What was counted since the call before goes on to sliding windows, for --abort-if and the progress.
//
//   RunSeries series;
//   every second: LoadFigures second = series.add(offset, totals, pacer.rate_at(offset));
//                 window.add(offset, second);
//   result.series = series.points(); result.intervals = series.intervals();
//
// Bounds: points_max points and intervals_max intervals, however long the run is: neighbours are merged when there are
// more. About 10 MiB at 10,000 requests a second. Thread safety: one thread.
#pragma once

#include <optional>
#include <vector>

#include "replay/report/run_result.hpp"

namespace understudy {

class RunSeries {
 public:
  static constexpr std::size_t points_max = 3'600;
  static constexpr std::size_t intervals_max = 120;

  // `totals` is everything counted from the start of the run until `offset`, warm-up included. REQUIRES: offsets
  // ascend, and totals never fall. A call that comes late covers the seconds that were missed.
  // Returns what was counted since the call before.
  LoadFigures add(Nanoseconds offset, const LoadFigures& totals, std::optional<double> target_rate);

  [[nodiscard]] const std::vector<SeriesPoint>& points() const { return points_; }
  [[nodiscard]] const std::vector<LatencyInterval>& intervals() const { return intervals_; }

 private:
  void add_point(const SeriesPoint& point);
  void add_interval(LatencyInterval interval);

  LoadFigures previous_;
  Nanoseconds previous_offset_{};
  std::vector<SeriesPoint> points_;
  std::uint64_t seconds_a_point_ = 1;
  std::vector<LatencyInterval> intervals_;
  std::uint64_t adds_an_interval_ = 1;
  std::uint64_t adds_in_last_ = 0;
};

}  // namespace understudy
