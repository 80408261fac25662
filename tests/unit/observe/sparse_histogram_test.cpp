#include "traffic/observe/sparse_histogram.hpp"

#include <gtest/gtest.h>

#include <random>

namespace understudy {
namespace {

void expect_equal(const HistogramSnapshot& one, const HistogramSnapshot& other) {
  EXPECT_EQ(one.count(), other.count());
  EXPECT_EQ(one.sum(), other.sum());
  EXPECT_EQ(one.minimum(), other.minimum());
  EXPECT_EQ(one.maximum(), other.maximum());
  for (const double q : {0.0, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) EXPECT_EQ(one.quantile(q), other.quantile(q)) << q;
}

void record_some(Histogram& histogram, unsigned seed, int count) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> distribution(14.0, 1.5);
  for (int i = 0; i < count; ++i) histogram.record(static_cast<std::uint64_t>(distribution(random)));
}

TEST(HistogramDifference, IsWhatWasRecordedSince) {
  Histogram histogram(Histogram::one_hour_ns);
  record_some(histogram, 1, 5'000);
  const HistogramSnapshot before = histogram.snapshot();
  Histogram since_then(Histogram::one_hour_ns);
  record_some(histogram, 2, 3'000);
  record_some(since_then, 2, 3'000);

  HistogramSnapshot since = histogram.snapshot();
  since -= before;
  const HistogramSnapshot truth = since_then.snapshot();
  EXPECT_EQ(since.count(), truth.count());
  EXPECT_EQ(since.sum(), truth.sum());
  for (const double q : {0.01, 0.5, 0.9, 0.99}) EXPECT_EQ(since.quantile(q), truth.quantile(q)) << q;
  EXPECT_LE(since.minimum(), truth.minimum());
  EXPECT_GE(since.maximum(), truth.maximum());
  EXPECT_LE(static_cast<double>(since.maximum()), static_cast<double>(truth.maximum()) * 1.001);
}

TEST(HistogramDifference, ANewMaximumIsExactAndAnOldOneIsForgotten) {
  Histogram histogram(Histogram::one_hour_ns);
  histogram.record(5'000'001);
  const HistogramSnapshot before = histogram.snapshot();
  histogram.record(1'500);
  HistogramSnapshot small = histogram.snapshot();
  small -= before;
  EXPECT_EQ(small.minimum(), 1'500U);
  EXPECT_EQ(small.maximum(), 1'500U);
  histogram.record(7'000'003);
  HistogramSnapshot large = histogram.snapshot();
  large -= before;
  EXPECT_EQ(large.maximum(), 7'000'003U);
}

TEST(HistogramDifference, OfNothingNewIsEmpty) {
  Histogram histogram(1'000);
  histogram.record(10);
  HistogramSnapshot same = histogram.snapshot();
  same -= histogram.snapshot();
  expect_equal(same, HistogramSnapshot());
}

TEST(SparseHistogram, GivesBackWhatItWasMadeFrom) {
  Histogram histogram(Histogram::one_hour_ns);
  expect_equal(SparseHistogram(histogram.snapshot()).expand(), HistogramSnapshot());
  record_some(histogram, 3, 10'000);
  const SparseHistogram sparse(histogram.snapshot());
  expect_equal(sparse.expand(), histogram.snapshot());
  EXPECT_EQ(sparse.count(), 10'000U);
  EXPECT_LT(sparse.memory(), 8 * 10'000U);
}

TEST(SparseHistogram, AddsUpAsDenseOnesDo) {
  Histogram one(Histogram::one_hour_ns);
  Histogram other(Histogram::one_hour_ns);
  record_some(one, 4, 4'000);
  record_some(other, 5, 6'000);
  HistogramSnapshot dense = one.snapshot();
  dense += other.snapshot();

  SparseHistogram sparse(one.snapshot());
  sparse += SparseHistogram(other.snapshot());
  expect_equal(sparse.expand(), dense);
  SparseHistogram into_empty;
  into_empty += sparse;
  into_empty += SparseHistogram();
  expect_equal(into_empty.expand(), dense);

  HistogramSnapshot sum = one.snapshot();
  SparseHistogram(other.snapshot()).add_to(sum);
  expect_equal(sum, dense);
}

}  // namespace
}  // namespace understudy
