#include "traffic/rules/rate_limiter.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace understudy {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr WallTime start{Nanoseconds(1'767'323'045'000'000'000)};

int admitted(RateLimiter& limiter, WallTime now, int attempts) {
  int count = 0;
  for (int i = 0; i < attempts; ++i) count += limiter.admit(now) ? 1 : 0;
  return count;
}

TEST(RateLimiter, ABurstPassesAndThenTheRate) {
  RateLimiter limiter({100, seconds(1)}, 10);
  EXPECT_EQ(admitted(limiter, start, 50), 10);
  EXPECT_EQ(admitted(limiter, start + milliseconds(9), 5), 0);
  EXPECT_EQ(admitted(limiter, start + milliseconds(10), 5), 1);
  EXPECT_EQ(admitted(limiter, start + milliseconds(60), 50), 5);
  EXPECT_EQ(admitted(limiter, start + hours(1), 50), 10);  // never more than the burst
}

TEST(RateLimiter, LongRunsKeepTheRateExactly) {
  RateLimiter limiter({500, seconds(1)}, 50);
  int count = 0;
  for (int i = 0; i < 100'000; ++i) count += limiter.admit(start + i * microseconds(100)) ? 1 : 0;  // 10 s at 10,000/s
  EXPECT_EQ(count, 5000 + 50 - 1);  // the last interval is not over
}

TEST(RateLimiter, WhatIsBelowTheRatePassesWhole) {
  RateLimiter limiter({500, seconds(1)}, 1);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(limiter.admit(start + i * milliseconds(2)));
}

TEST(RateLimiter, RatesPerMinuteAndHour) {
  RateLimiter limiter({30, std::chrono::minutes(1)}, 1);
  EXPECT_EQ(admitted(limiter, start, 2), 1);
  EXPECT_EQ(admitted(limiter, start + milliseconds(1999), 2), 0);
  EXPECT_EQ(admitted(limiter, start + seconds(2), 2), 1);
}

TEST(RateLimiter, AClockSetBackDoesNotStopTheTraffic) {
  RateLimiter limiter({10, seconds(1)}, 5);
  EXPECT_EQ(admitted(limiter, start, 10), 5);
  EXPECT_EQ(admitted(limiter, start - milliseconds(500), 10), 0);  // another worker's packets, a little older
  EXPECT_EQ(admitted(limiter, start - hours(1), 10), 5);           // the clock was set back
  EXPECT_EQ(admitted(limiter, start - hours(1) + milliseconds(100), 10), 1);
  EXPECT_EQ(admitted(limiter, start + hours(1), 10), 5);
}

TEST(RateLimiter, TimesBeforeTheEpochWork) {
  RateLimiter limiter({10, seconds(1)}, 2);
  EXPECT_EQ(admitted(limiter, WallTime(seconds(-1000)), 5), 2);
}

TEST(RateLimiter, WorkersShareOneBucket) {
  RateLimiter limiter({1, std::chrono::hours(1)}, 1000);
  std::vector<std::thread> workers;
  std::atomic<int> count{0};
  for (int i = 0; i < 4; ++i) workers.emplace_back([&] { count += admitted(limiter, start, 1000); });
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(count, 1000);
}

TEST(Limit, BurstIsATenthOfASecondUnlessGiven) {
  EXPECT_EQ(Limit::parse({"limit", "500/s"})->burst, 50U);
  EXPECT_EQ(Limit::parse({"limit", "5/s"})->burst, 1U);
  EXPECT_EQ(Limit::parse({"limit", "60000/m"})->burst, 100U);
  EXPECT_EQ(Limit::parse({"limit", "500/s burst 1"})->burst, 1U);
  EXPECT_EQ(Limit::parse({"limit", "500/s burst 2000"})->burst, 2000U);
  EXPECT_EQ(Limit::parse({"limit", "500/s"})->rate, (Rate{500, seconds(1)}));
}

TEST(Limit, RefusesWhatItDoesNotUnderstand) {
  for (const std::string_view text : {"fast", "0/s", "500", "2000000/s", "500/s burst", "500/s burst 0",
                                      "500/s burst x", "500/s burst 10 ms", "500/s burst 2000000", "500/s max 3"}) {
    const auto limit = Limit::parse({"limit", text});
    ASSERT_FALSE(limit) << text;
    EXPECT_NE(limit.error().message.find("limit '" + std::string(text) + "'"), std::string::npos);
  }
}

TEST(Limit, TheSlowestRateAndLargestBurstStayInRange) {
  const auto limit = Limit::parse({"limit", "1/h burst 1000000"});
  ASSERT_FALSE(limit);  // 114 years
  const auto smaller = Limit::parse({"limit", "1/h burst 800000"});
  ASSERT_TRUE(smaller);
  RateLimiter limiter(smaller->rate, smaller->burst);
  EXPECT_TRUE(limiter.admit(start));
}

}  // namespace
}  // namespace understudy
