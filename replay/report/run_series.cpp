#include "replay/report/run_series.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace understudy {
namespace {

std::uint64_t rounded_seconds(Nanoseconds offset) {
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, std::chrono::round<std::chrono::seconds>(offset).count()));
}

std::uint64_t weighted_mean(std::uint64_t a, std::uint64_t weight_a, std::uint64_t b, std::uint64_t weight_b) {
  if (weight_a + weight_b == 0) return 0;
  const double sum =
      static_cast<double>(a) * static_cast<double>(weight_a) + static_cast<double>(b) * static_cast<double>(weight_b);
  return static_cast<std::uint64_t>(std::llround(sum / static_cast<double>(weight_a + weight_b)));
}

// Adds the point that follows.
void merge(SeriesPoint& point, const SeriesPoint& next) {
  if (point.target_rate && next.target_rate && point.seconds + next.seconds > 0) {
    const double sum =
        *point.target_rate * static_cast<double>(point.seconds) + *next.target_rate * static_cast<double>(next.seconds);
    point.target_rate = sum / static_cast<double>(point.seconds + next.seconds);
  } else if (next.seconds > 0) {
    point.target_rate.reset();
  }
  point.latency_p50 = weighted_mean(point.latency_p50, point.completed, next.latency_p50, next.completed);
  point.latency_p99 = std::max(point.latency_p99, next.latency_p99);
  point.lateness_p99 = std::max(point.lateness_p99, next.lateness_p99);
  point.seconds += next.seconds;
  point.due += next.due;
  point.sent += next.sent;
  point.completed += next.completed;
  point.errors += next.errors;
}

// Halves a series by adding every second element to the one before it.
template <typename T, typename Merge>
void merge_neighbours(std::vector<T>& elements, Merge merge_two) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < elements.size(); i += 2) {
    if (i + 1 < elements.size()) merge_two(elements[i], elements[i + 1]);
    if (kept != i) elements[kept] = std::move(elements[i]);
    ++kept;
  }
  elements.resize(kept);
}

void merge_two_intervals(LatencyInterval& interval, const LatencyInterval& next) {
  interval.length = next.begin + next.length - interval.begin;
  interval.latency += next.latency;
}

}  // namespace

LoadFigures RunSeries::add(Nanoseconds offset, const LoadFigures& totals, std::optional<double> target_rate) {
  LoadFigures since = totals;
  since -= previous_;
  previous_ = totals;

  SeriesPoint point;
  point.second = rounded_seconds(previous_offset_);
  point.seconds = rounded_seconds(offset) - std::min(point.second, rounded_seconds(offset));
  point.target_rate = target_rate;
  point.due = since.planned;
  point.sent = since.outcomes.sent;
  point.completed = since.outcomes.completed();
  point.errors = since.outcomes.errors();
  point.latency_p50 = since.outcomes.latency.quantile(0.5);
  point.latency_p99 = since.outcomes.latency.quantile(0.99);
  point.lateness_p99 = since.lateness.quantile(0.99);
  add_point(point);
  add_interval({previous_offset_, offset - previous_offset_, SparseHistogram(since.outcomes.latency)});
  previous_offset_ = offset;
  return since;
}

void RunSeries::add_point(const SeriesPoint& point) {
  // A call within half a second of the one before has no second of its own.
  const bool belongs_to_last = !points_.empty() && (point.seconds == 0 || points_.back().seconds < seconds_a_point_);
  if (belongs_to_last) {
    merge(points_.back(), point);
    return;
  }
  points_.push_back(point);
  points_.back().seconds = std::max<std::uint64_t>(point.seconds, 1);
  if (points_.size() > points_max) {
    merge_neighbours(points_, merge);
    seconds_a_point_ *= 2;
  }
}

void RunSeries::add_interval(LatencyInterval interval) {
  if (!intervals_.empty() && adds_in_last_ < adds_an_interval_) {
    merge_two_intervals(intervals_.back(), interval);
    ++adds_in_last_;
    return;
  }
  intervals_.push_back(std::move(interval));
  adds_in_last_ = 1;
  if (intervals_.size() > intervals_max) {
    merge_neighbours(intervals_, merge_two_intervals);
    adds_an_interval_ *= 2;
  }
}

}  // namespace understudy
