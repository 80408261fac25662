#include "replay/report/run_series.hpp"

#include <gtest/gtest.h>

#include "replay/report/sliding_window.hpp"
#include "sample_run.hpp"

namespace understudy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// An engine's totals that grow by `count` requests of one latency, below 2,048 ns: histograms are exact there, and
// small.
class Totals {
 public:
  const LoadFigures& grow(std::uint64_t count, std::uint64_t latency_ns, std::uint64_t errors = 0) {
    for (std::uint64_t i = 0; i < count; ++i) latency_.record(latency_ns);
    for (std::uint64_t i = 0; i < count; ++i) lateness_.record(latency_ns / 100);
    figures_.planned += count;
    figures_.outcomes.sent += count;
    figures_.outcomes.by_status[200] += count - errors;
    figures_.outcomes.by_status[500] += errors;
    figures_.outcomes.latency = latency_.snapshot();
    figures_.lateness = lateness_.snapshot();
    return figures_;
  }

 private:
  Histogram latency_{2'047};
  Histogram lateness_{2'047};
  LoadFigures figures_;
};

TEST(RunSeries, APointIsWhatWasCountedInItsSecond) {
  RunSeries series;
  Totals totals;
  static_cast<void>(series.add(seconds(1), totals.grow(100, 1'000), 100));
  const LoadFigures since = series.add(seconds(2), totals.grow(50, 2'000, 5), 110);
  EXPECT_EQ(since.outcomes.sent, 50U);
  EXPECT_EQ(since.outcomes.errors(), 5U);
  ASSERT_EQ(series.points().size(), 2U);
  const SeriesPoint& point = series.points()[1];
  EXPECT_EQ(point.second, 1U);
  EXPECT_EQ(point.seconds, 1U);
  EXPECT_EQ(point.target_rate, 110);
  EXPECT_EQ(point.due, 50U);
  EXPECT_EQ(point.completed, 50U);
  EXPECT_EQ(point.errors, 5U);
  EXPECT_EQ(point.latency_p50, 2'000U);
  EXPECT_EQ(point.lateness_p99, 20U);
}

TEST(RunSeries, ALateCallCoversWhatWasMissedAndAnEarlyOneJoinsItsPoint) {
  RunSeries series;
  Totals totals;
  static_cast<void>(series.add(milliseconds(1'003), totals.grow(10, 1'000), 1));
  static_cast<void>(series.add(milliseconds(4'001), totals.grow(30, 1'000), 1));
  static_cast<void>(series.add(milliseconds(4'300), totals.grow(3, 1'000), 1));
  ASSERT_EQ(series.points().size(), 2U);
  EXPECT_EQ(series.points()[1].second, 1U);
  EXPECT_EQ(series.points()[1].seconds, 3U);
  EXPECT_EQ(series.points()[1].sent, 33U);
}

TEST(RunSeries, StaysBoundedOverADayAndLosesNoRequest) {
  RunSeries series;
  LoadFigures totals;
  constexpr std::uint64_t day = 86'400;
  for (std::uint64_t second = 1; second <= day; ++second) {
    totals.planned += 3;
    totals.outcomes.sent += 2;
    static_cast<void>(series.add(seconds(second), totals, 3));
  }
  EXPECT_LE(series.points().size(), RunSeries::points_max);
  EXPECT_GT(series.points().size(), RunSeries::points_max / 2);
  EXPECT_LE(series.intervals().size(), RunSeries::intervals_max);
  std::uint64_t due = 0;
  std::uint64_t next_second = 0;
  for (const SeriesPoint& point : series.points()) {
    EXPECT_EQ(point.second, next_second);
    EXPECT_EQ(point.target_rate, 3);
    next_second += point.seconds;
    due += point.due;
  }
  EXPECT_EQ(next_second, day);
  EXPECT_EQ(due, 3 * day);
}

TEST(RunSeries, MergedPointsHaveTheMeanMedianAndTheHighestTail) {
  RunSeries series;
  Totals totals;
  const std::size_t count = RunSeries::points_max + 1;
  for (std::size_t i = 1; i <= count; ++i) {
    // The first two points: 30 requests of 100 ns and 10 of 500 ns.
    static_cast<void>(series.add(seconds(i),
                                 i == 1   ? totals.grow(30, 100)
                                 : i == 2 ? totals.grow(10, 500)
                                          : totals.grow(0, 0),
                                 1));
  }
  ASSERT_EQ(series.points().size(), count / 2 + 1);
  EXPECT_EQ(series.points()[0].seconds, 2U);
  EXPECT_EQ(series.points()[0].latency_p50, 200U);
  EXPECT_EQ(series.points()[0].latency_p99, 500U);
}

TEST(RunSeries, IntervalsKeepEveryLatency) {
  RunSeries series;
  Totals totals;
  for (int i = 1; i <= 500; ++i) static_cast<void>(series.add(seconds(i), totals.grow(2, 1'000), 2));
  EXPECT_LE(series.intervals().size(), RunSeries::intervals_max);
  std::uint64_t count = 0;
  Nanoseconds next{0};
  for (const LatencyInterval& interval : series.intervals()) {
    EXPECT_EQ(interval.begin, next);
    next += interval.length;
    count += interval.latency.count();
  }
  EXPECT_EQ(count, 1'000U);
  EXPECT_EQ(next, seconds(500));
}

LoadFigures requests(std::uint64_t count, std::uint64_t latency_ns) {
  LoadFigures figures;
  figures.planned = count;
  figures.outcomes.by_status[200] = count;
  figures.outcomes.latency = test::histogram_of(count, [=](std::uint64_t) { return latency_ns; });
  return figures;
}

TEST(SlidingWindow, ForgetsWhatIsOlderThanItsLength) {
  SlidingWindow window(seconds(3));
  EXPECT_FALSE(window.is_full());
  EXPECT_EQ(window.figures().planned, 0U);
  for (int i = 1; i <= 3; ++i) window.add(seconds(i), requests(1, test::ms(100)));
  EXPECT_TRUE(window.is_full());
  EXPECT_EQ(window.figures().planned, 3U);
  for (int i = 4; i <= 6; ++i) window.add(seconds(i), requests(10, test::ms(1)));
  EXPECT_EQ(window.figures().planned, 30U);
  EXPECT_EQ(window.figures().outcomes.latency.maximum(), test::ms(1));
  EXPECT_EQ(window.figures().outcomes.completed(), 30U);
  EXPECT_EQ(window.span(), seconds(3));
}

TEST(SlidingWindow, ALongOneReachesBackByItsLengthAndAtMostASlot) {
  SlidingWindow window(std::chrono::minutes(10));  // slots of 10 s
  for (int i = 1; i <= 2'000; ++i) window.add(seconds(i), requests(1, 1'000));
  EXPECT_GE(window.span(), std::chrono::minutes(10));
  EXPECT_LE(window.span(), std::chrono::minutes(10) + seconds(10));
  EXPECT_EQ(window.figures().planned, static_cast<std::uint64_t>(window.span() / seconds(1)));
}

}  // namespace
}  // namespace understudy
