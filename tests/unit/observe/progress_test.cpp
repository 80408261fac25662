#include "traffic/observe/progress.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

ProgressSample sample(int second, std::uint64_t seen, std::uint64_t bytes, std::uint64_t delivered, std::uint64_t lost,
                      std::uint64_t queued) {
  return {MonotonicTime{std::chrono::seconds(second)}, seen, bytes, true, delivered, lost, queued};
}

TEST(Progress, RatesAreOfTheTimeBetweenTheSamples) {
  EXPECT_EQ(format_progress(sample(10, 1'000, 0, 1'000, 0, 0), sample(12, 3'408, 7'800'000, 3'400, 5, 3), 120),
            "1,204 requests/s  31.2 Mbit/s  forwarded 1,200/s  lost 5  queue 3  seen 3,408");
}

TEST(Progress, WithoutOutputsNothingIsForwarded) {
  ProgressSample before;
  ProgressSample now = before;
  now.time += std::chrono::seconds(1);
  now.requests_seen = 1'234'567;
  EXPECT_EQ(format_progress(before, now, 120), "1,234,567 requests/s  0.0 Mbit/s  lost 0  seen 1,234,567");
}

TEST(Progress, SlowRatesShowATenth) {
  EXPECT_TRUE(format_progress(sample(0, 0, 0, 0, 0, 0), sample(4, 1, 0, 1, 0, 0), 120).starts_with("0.2 requests/s"));
  EXPECT_TRUE(format_progress(sample(0, 0, 0, 0, 0, 0), sample(1, 0, 0, 0, 0, 0), 120).starts_with("0 requests/s"));
}

TEST(Progress, PartsThatDoNotFitAreLeftOut) {
  const ProgressSample before = sample(10, 1'000, 0, 1'000, 0, 0);
  const ProgressSample now = sample(12, 3'408, 7'800'000, 3'400, 5, 3);
  EXPECT_EQ(format_progress(before, now, 40), "1,204 requests/s  31.2 Mbit/s");
  EXPECT_EQ(format_progress(before, now, 5), "");
  for (unsigned columns = 0; columns < 120; ++columns) {
    EXPECT_LE(format_progress(before, now, columns).size(), columns);
  }
}

TEST(Progress, TornOrEqualSamplesGiveZeroes) {
  const ProgressSample now = sample(12, 3'408, 100, 3'400, 5, 3);
  EXPECT_TRUE(format_progress(now, now, 120).starts_with("0 requests/s  0.0 Mbit/s"));
  EXPECT_TRUE(format_progress(sample(10, 4'000, 200, 4'000, 5, 3), now, 120).starts_with("0 requests/s  0.0 Mbit/s"));
}

}  // namespace
}  // namespace understudy
