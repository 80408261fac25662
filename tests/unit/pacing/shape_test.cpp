#include "replay/pacing/shape.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace understudy {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Shape shape_of(std::string_view text) {
  auto shape = Shape::parse(text);
  if (!shape) throw std::runtime_error(shape.error().message);
  return *shape;
}

// Offsets of all requests of a shape that ends.
std::vector<Nanoseconds> offsets_of(const Shape& shape) {
  std::vector<Nanoseconds> offsets;
  while (const auto offset = shape.time_of(static_cast<long double>(offsets.size()))) offsets.push_back(*offset);
  return offsets;
}

TEST(Shape, AConstantRateIsEvenlySpacedFromZero) {
  const auto offsets = offsets_of(shape_of("4/s for 2s"));
  ASSERT_EQ(offsets.size(), 8U);
  for (std::size_t i = 0; i < offsets.size(); ++i) EXPECT_EQ(offsets[i], milliseconds(250) * i) << i;
}

TEST(Shape, NoRoundingAddsUpOverTenHours) {
  const Shape shape = shape_of("3333.3/s");
  // Request k is due k / 3333.3 s after the start: in nanoseconds k * 1e10 / 33333, here in parts that 64 bits hold.
  const auto last = static_cast<std::uint64_t>(3333.3 * 36'000);
  for (std::uint64_t k : {std::uint64_t{1}, std::uint64_t{33'333}, last / 2, last - 1, last}) {
    const auto exact = static_cast<std::int64_t>(k / 33'333 * 10'000'000'000 + k % 33'333 * 10'000'000'000 / 33'333);
    const auto offset = shape.time_of(static_cast<long double>(k));
    ASSERT_TRUE(offset);
    EXPECT_LE(std::abs(offset->count() - exact), 1) << k;
  }
  EXPECT_NEAR(static_cast<double>(shape.time_of(static_cast<long double>(last))->count()), 36'000e9, 1'000.0);
}

TEST(Shape, CountsAreExactAtTheEndOfASegmentWhoseRateIsNoBinaryFraction) {
  EXPECT_EQ(shape_of("3333.3/s for 10h").requests(), 119'998'800U);
  EXPECT_EQ(offsets_of(shape_of("0.1/s for 100s")).size(), 10U);
  EXPECT_EQ(offsets_of(shape_of("7/m for 1h")).size(), 420U);
  EXPECT_EQ(shape_of("7/m for 1h").requests(), 420U);
}

TEST(Shape, ARequestOnTheEndOfASegmentBelongsToTheNext) {
  const auto offsets = offsets_of(shape_of("100/s for 1s, pause 5s, 100/s for 1s"));
  ASSERT_EQ(offsets.size(), 200U);
  EXPECT_EQ(offsets[99], milliseconds(990));
  EXPECT_EQ(offsets[100], seconds(6));
  EXPECT_EQ(offsets[199], milliseconds(6'990));
}

TEST(Shape, AShapeMayBeginWithAPause) {
  const auto offsets = offsets_of(shape_of("pause 3s, 2/s for 1s"));
  ASSERT_EQ(offsets.size(), 2U);
  EXPECT_EQ(offsets[0], seconds(3));
}

TEST(Shape, ARampFollowsTheSquareRoot) {
  const Shape shape = shape_of("ramp to 100/s over 10s");  // integral: 5 t^2
  EXPECT_EQ(shape.requests(), 500U);
  for (const int k : {0, 1, 5, 20, 125, 320, 499}) {
    const auto offset = shape.time_of(k);
    ASSERT_TRUE(offset);
    EXPECT_NEAR(static_cast<double>(offset->count()), std::sqrt(k / 5.0) * 1e9, 1.0) << k;
  }
  EXPECT_FALSE(shape.time_of(500));
}

TEST(Shape, ARampDownMayEndAtZero) {
  const auto offsets = offsets_of(shape_of("ramp from 100/s to 0/s over 10s, 1/s for 2s"));
  ASSERT_EQ(offsets.size(), 502U);
  EXPECT_LT(offsets[499], seconds(10));
  // 5 (10 - t)^2 = 1 request is left.
  EXPECT_NEAR(static_cast<double>(offsets[499].count()), (10.0 - std::sqrt(0.2)) * 1e9, 2.0);
  EXPECT_EQ(offsets[500], seconds(10));
}

TEST(Shape, TheIntegralOfASineIsInverted) {
  const Shape shape = shape_of("sine 100..500/s every 1m for 10m");
  EXPECT_EQ(shape.requests(), 180'000U);
  for (const int k : {0, 1, 77, 9'000, 18'000, 18'001, 100'000, 179'999}) {
    const auto offset = shape.time_of(k);
    ASSERT_TRUE(offset);
    const double time = static_cast<double>(offset->count()) / 1e9;
    const double phase = 2 * std::numbers::pi * time / 60;
    const double count = 300 * time - 200 * 60 / (2 * std::numbers::pi) * std::sin(phase);
    EXPECT_NEAR(count, k, 1e-6) << k;
  }
  EXPECT_EQ(*shape.time_of(18'000), seconds(60));
}

TEST(Shape, ASineThatTouchesZeroIsInvertedToo) {
  const Shape shape = shape_of("sine 0..10/s every 10s for 100s");
  const auto offsets = offsets_of(shape);
  ASSERT_EQ(offsets.size(), 500U);
  EXPECT_EQ(offsets[0], seconds(0));
  for (std::size_t i = 1; i < offsets.size(); ++i) ASSERT_GT(offsets[i], offsets[i - 1]) << i;
  EXPECT_NEAR(static_cast<double>(offsets[25].count()), 5e9, 2.0);  // half of a wave's 50 requests
}

TEST(Shape, RatesAreTold) {
  const Shape shape = shape_of("100/s for 1m, ramp to 200/s over 1m, pause 1m, sine 10..20/s every 2s for 1m");
  EXPECT_DOUBLE_EQ(shape.rate_at(seconds(59)), 100);
  EXPECT_DOUBLE_EQ(shape.rate_at(seconds(90)), 150);
  EXPECT_DOUBLE_EQ(shape.rate_at(seconds(150)), 0);
  EXPECT_NEAR(shape.rate_at(seconds(180)), 10, 1e-9);
  EXPECT_NEAR(shape.rate_at(seconds(181)), 20, 1e-9);
  EXPECT_DOUBLE_EQ(shape.rate_at(minutes(4)), 0);
  EXPECT_EQ(shape.length(), minutes(4));
}

TEST(Shape, AShapeWithoutEndGoesOn) {
  const Shape shape = shape_of("10/s for 1s, hold");
  EXPECT_FALSE(shape.length());
  EXPECT_FALSE(shape.requests());
  EXPECT_EQ(*shape.time_of(10 * 3'600 * 24 * 30), hours(24 * 30));
}

TEST(Shape, AnOffsetThatNoClockHoldsIsNone) { EXPECT_FALSE(shape_of("1/h").time_of(1e18L)); }

TEST(Shape, IsToldInWords) {
  EXPECT_EQ(
      shape_of("100/s for 1m, ramp to 2000/s over 5m, hold 10m, pause 5s").words(),
      "100/s for 1 min, then a ramp from 100/s to 2,000/s over 5 min, then 2,000/s for 10 min, then a pause for 5 s");
  EXPECT_EQ(shape_of("sine 100..500/s every 1m").words(), "a sine between 100/s and 500/s every 1 min");
  std::string many = "1/s for 1s";
  for (int i = 0; i < 9; ++i) many += ", 1/s for 1s";
  EXPECT_TRUE(shape_of(many).words().ends_with("1/s for 1 s, and 4 more stretches"));
}

}  // namespace
}  // namespace understudy
