#include "replay/pacing/pacers.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace understudy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Shape shape_of(std::string_view text) {
  auto shape = Shape::parse(text);
  if (!shape) throw std::runtime_error(shape.error().message);
  return *shape;
}

std::unique_ptr<Pacer> recorded() { return std::make_unique<RecordedPacer>(); }

TEST(RecordedPacing, IsKept) {
  RecordedPacer pacer;
  EXPECT_EQ(pacer.due(Nanoseconds(0)), Nanoseconds(0));
  EXPECT_EQ(pacer.due(Nanoseconds(123'456'789)), Nanoseconds(123'456'789));
  EXPECT_EQ(describe(pacer), "recorded timing");
}

TEST(RecordedPacing, ASpeedFactorIsExactOverDays) {
  ScaledPacer pacer(recorded(), 3);
  const Nanoseconds recorded_ns = std::chrono::hours(24 * 30) + Nanoseconds(1);
  EXPECT_EQ(pacer.due(recorded_ns), std::chrono::hours(24 * 10));
  ScaledPacer slow(recorded(), 0.5);
  EXPECT_EQ(slow.due(recorded_ns), 2 * recorded_ns);
  EXPECT_EQ(slow.words(), "recorded timing at 0.5x");
}

TEST(RecordedPacing, IdleGapsAreCutAndTheRestMovesForward) {
  IdleCutPacer pacer(recorded(), seconds(5));
  EXPECT_EQ(pacer.due(seconds(0)), seconds(0));
  EXPECT_EQ(pacer.due(seconds(5)), seconds(5));
  EXPECT_EQ(pacer.due(seconds(3'605)), seconds(10));
  EXPECT_EQ(pacer.due(milliseconds(3'605'250)), milliseconds(10'250));
  EXPECT_EQ(pacer.due(seconds(4'000)), milliseconds(15'250));
  EXPECT_EQ(pacer.words(), "recorded timing, idle gaps cut to 5 s");
}

TEST(RecordedPacing, IdleGapsAreThoseThatThePlayerWouldSee) {
  IdleCutPacer pacer(std::make_unique<ScaledPacer>(recorded(), 2), seconds(5));
  EXPECT_EQ(pacer.due(seconds(10)), seconds(5));
  EXPECT_EQ(pacer.due(seconds(30)), seconds(10));
}

TEST(ShapedPacing, EndsWithItsShape) {
  ShapedPacer pacer(shape_of("10/s for 1s"));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(pacer.due(seconds(99)), milliseconds(100 * i));
  EXPECT_FALSE(pacer.due(seconds(99)));
  EXPECT_FALSE(pacer.due(seconds(99)));
  EXPECT_EQ(describe(pacer), "10/s for 1 s (1 s, 10 requests)");
}

TEST(ShapedPacing, OffsetsNeverDecrease) {
  ShapedPacer pacer(
      shape_of("ramp to 5000/s over 3s, sine 0..5000/s every 700ms for 3s, ramp to 0/s over 3s, 1k/s for 1s"));
  Nanoseconds last{0};
  std::uint64_t count = 0;
  while (const auto offset = pacer.due(Nanoseconds(0))) {
    ASSERT_GE(*offset, last);
    last = *offset;
    ++count;
  }
  EXPECT_EQ(count, *pacer.requests());
}

TEST(FastPacing, IsDueAtOnce) {
  FastPacer pacer;
  EXPECT_EQ(pacer.due(seconds(5)), seconds(0));
  EXPECT_FALSE(pacer.rate_at(seconds(0)));
  EXPECT_EQ(describe(pacer), "as fast as possible");
}

TEST(PoissonPacing, GapsAreExponential) {
  PoissonPacer pacer(shape_of("1000/s"), 7);
  constexpr int count = 200'000;
  double sum = 0;
  double squares = 0;
  int above_mean = 0;
  Nanoseconds last{0};
  for (int i = 0; i < count; ++i) {
    const Nanoseconds offset = *pacer.due(Nanoseconds(0));
    ASSERT_GE(offset, last);
    const double gap_ms = static_cast<double>((offset - last).count()) / 1e6;
    last = offset;
    sum += gap_ms;
    squares += gap_ms * gap_ms;
    above_mean += gap_ms > 1.0 ? 1 : 0;
  }
  const double mean = sum / count;
  EXPECT_NEAR(mean, 1.0, 0.01);
  EXPECT_NEAR(std::sqrt(squares / count - mean * mean), 1.0, 0.015);
  EXPECT_NEAR(static_cast<double>(above_mean) / count, std::exp(-1.0), 0.005);
}

TEST(PoissonPacing, FollowsTheShapeAndEnds) {
  PoissonPacer pacer(shape_of("ramp to 1000/s over 100s"), 1);
  int count = 0;
  int first_half = 0;
  while (const auto offset = pacer.due(Nanoseconds(0))) {
    ASSERT_LT(*offset, seconds(100));
    ++count;
    first_half += *offset < seconds(50) ? 1 : 0;
  }
  EXPECT_NEAR(count, 50'000, 5 * std::sqrt(50'000));
  EXPECT_NEAR(first_half, 12'500, 5 * std::sqrt(12'500));
  EXPECT_EQ(describe(pacer),
            "Poisson arrivals around a ramp from 0/s to 1,000/s over 1 min 40 s (1 min 40 s, 50,000 requests)");
}

TEST(PoissonPacing, EqualSeedsGiveEqualArrivals) {
  PoissonPacer one(shape_of("100/s"), 42);
  PoissonPacer same(shape_of("100/s"), 42);
  PoissonPacer other(shape_of("100/s"), 43);
  int differing = 0;
  for (int i = 0; i < 1'000; ++i) {
    const auto offset = one.due(Nanoseconds(0));
    EXPECT_EQ(offset, same.due(Nanoseconds(0)));
    differing += offset != other.due(Nanoseconds(0)) ? 1 : 0;
  }
  EXPECT_EQ(differing, 1'000);
}

TEST(Cap, PutsOffWhatComesTooCloseAndCatchesUp) {
  CappedPacer pacer(recorded(), 10);
  EXPECT_EQ(pacer.due(milliseconds(0)), milliseconds(0));
  EXPECT_EQ(pacer.due(milliseconds(1)), milliseconds(100));
  EXPECT_EQ(pacer.due(milliseconds(2)), milliseconds(200));
  EXPECT_EQ(pacer.due(milliseconds(250)), milliseconds(300));
  EXPECT_EQ(pacer.due(milliseconds(400)), milliseconds(400));
  EXPECT_EQ(pacer.due(milliseconds(1'234)), milliseconds(1'234));
  EXPECT_EQ(pacer.due(milliseconds(1'234)), milliseconds(1'334));
}

TEST(Cap, NoRoundingAddsUp) {
  CappedPacer pacer(recorded(), 3);
  Nanoseconds last{};
  for (int i = 0; i <= 300'000; ++i) last = *pacer.due(Nanoseconds(0));
  EXPECT_EQ(last, seconds(100'000));
}

TEST(Cap, LowersTheRateOfAShape) {
  CappedPacer pacer(std::make_unique<ShapedPacer>(shape_of("100/s for 1s")), 50);
  EXPECT_EQ(pacer.rate_at(milliseconds(500)), 50);
  Nanoseconds last{};
  int count = 0;
  while (const auto offset = pacer.due(Nanoseconds(0))) {
    last = *offset;
    ++count;
  }
  EXPECT_EQ(count, 100);
  EXPECT_EQ(last, milliseconds(1'980));
  EXPECT_EQ(describe(pacer), "100/s for 1 s, at most 50/s (100 requests)");
}

}  // namespace
}  // namespace understudy
