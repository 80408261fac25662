#include "traffic/observe/histogram.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <thread>

namespace understudy {
namespace {

namespace layout = histogram_layout;

std::uint64_t exact_quantile(const std::vector<std::uint64_t>& sorted, double q) {
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

TEST(HistogramLayout, BucketsAreContiguousAndHoldTheirHighestValue) {
  for (std::size_t i = 0; i < 20'000; ++i) {
    const std::uint64_t highest = layout::highest_of(i);
    ASSERT_EQ(layout::index_of(highest), i);
    ASSERT_EQ(layout::index_of(highest + 1), i + 1);
  }
}

TEST(HistogramLayout, WidthOfABucketIsAtMostAThousandthOfItsValues) {
  for (std::size_t i = 2048; i < 40'000; ++i) {
    const std::uint64_t lowest = layout::highest_of(i - 1) + 1;
    ASSERT_LE(static_cast<double>(layout::highest_of(i) - lowest) / static_cast<double>(lowest), 1.0 / 1024);
  }
}

TEST(Histogram, EmptyGivesZeroes) {
  const HistogramSnapshot empty = Histogram(1000).snapshot();
  EXPECT_EQ(empty.count(), 0U);
  EXPECT_EQ(empty.minimum(), 0U);
  EXPECT_EQ(empty.maximum(), 0U);
  EXPECT_EQ(empty.quantile(0.5), 0U);
  EXPECT_EQ(empty.mean(), 0.0);
  EXPECT_EQ(HistogramSnapshot().quantile(0.99), 0U);
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram histogram(10'000);
  for (std::uint64_t value = 0; value < 2048; ++value) histogram.record(value);
  const HistogramSnapshot snapshot = histogram.snapshot();
  EXPECT_EQ(snapshot.count(), 2048U);
  EXPECT_EQ(snapshot.quantile(0.5), 1023U);
  EXPECT_EQ(snapshot.quantile(0.0), 0U);
  EXPECT_EQ(snapshot.quantile(1.0), 2047U);
  EXPECT_DOUBLE_EQ(snapshot.mean(), 1023.5);
  EXPECT_EQ(snapshot.count_at_or_below(99), 100U);
}

TEST(Histogram, QuantilesOfLogNormalDataHaveThreeDigits) {
  std::mt19937_64 random(17);
  std::lognormal_distribution<double> distribution(13.0, 2.0);  // nanoseconds around half a millisecond
  Histogram histogram(Histogram::one_hour_ns);
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 200'000; ++i) {
    values.push_back(static_cast<std::uint64_t>(distribution(random)));
    histogram.record(values.back());
  }
  std::sort(values.begin(), values.end());
  const HistogramSnapshot snapshot = histogram.snapshot();
  for (const double q : {0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 0.99999}) {
    const auto exact = static_cast<double>(exact_quantile(values, q));
    const auto told = static_cast<double>(snapshot.quantile(q));
    EXPECT_GE(told, exact) << q;
    EXPECT_LE(told, exact * (1 + 1.0 / 1024)) << q;
  }
  EXPECT_EQ(snapshot.minimum(), values.front());
  EXPECT_EQ(snapshot.maximum(), values.back());
  EXPECT_EQ(snapshot.quantile(1.0), values.back());
}

TEST(Histogram, ValuesOverTheRangeCountAndKeepTheirMaximum) {
  Histogram histogram(5'000);
  histogram.record(10);
  histogram.record(1'000'000);
  const HistogramSnapshot snapshot = histogram.snapshot();
  EXPECT_EQ(snapshot.count(), 2U);
  EXPECT_EQ(snapshot.maximum(), 1'000'000U);
  EXPECT_EQ(snapshot.count_at_or_below(1'000'000), 2U);
  EXPECT_EQ(snapshot.sum(), 1'000'010U);
}

TEST(Histogram, MergingIsTheSameAsRecordingTogether) {
  std::mt19937_64 random(3);
  Histogram left(Histogram::one_hour_ns);
  Histogram right(1'000'000);
  Histogram both(Histogram::one_hour_ns);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t value = random() % 1'000'000;
    (i % 3 == 0 ? left : right).record(value);
    both.record(value);
  }
  HistogramSnapshot merged = right.snapshot();
  merged += left.snapshot();
  const HistogramSnapshot expected = both.snapshot();
  EXPECT_EQ(merged.count(), expected.count());
  EXPECT_EQ(merged.sum(), expected.sum());
  EXPECT_EQ(merged.minimum(), expected.minimum());
  EXPECT_EQ(merged.maximum(), expected.maximum());
  for (double q = 0.01; q < 1.0; q += 0.01) EXPECT_EQ(merged.quantile(q), expected.quantile(q));
}

TEST(Histogram, ASnapshotTakenWhileAnotherThreadRecordsAddsUp) {
  Histogram histogram(1'000'000);
  std::thread writer([&] {
    for (std::uint64_t i = 0; i < 300'000; ++i) histogram.record(i);
  });
  std::uint64_t last = 0;
  for (int i = 0; i < 50; ++i) {
    const HistogramSnapshot snapshot = histogram.snapshot();
    EXPECT_GE(snapshot.count(), last);
    EXPECT_EQ(snapshot.count_at_or_below(2'000'000), snapshot.count());
    last = snapshot.count();
  }
  writer.join();
  EXPECT_EQ(histogram.snapshot().count(), 300'000U);
}

}  // namespace
}  // namespace understudy
