#include "traffic/net/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

using std::chrono::seconds;

const MonotonicTime start{seconds(1000)};

[[nodiscard]] CircuitBreaker breaker_of_three() { return {3, seconds(1), seconds(5)}; }

TEST(CircuitBreaker, OpensAfterSoManyFailuresInARow) {
  CircuitBreaker breaker = breaker_of_three();
  EXPECT_FALSE(breaker.on_failure(start));
  EXPECT_FALSE(breaker.on_failure(start));
  EXPECT_EQ(breaker.state(), BreakerState::closed);
  EXPECT_TRUE(breaker.on_failure(start));
  EXPECT_EQ(breaker.state(), BreakerState::open);
  EXPECT_FALSE(breaker.on_failure(start));
}

TEST(CircuitBreaker, ASuccessBetweenStartsTheCountAgain) {
  CircuitBreaker breaker = breaker_of_three();
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(breaker.on_failure(start));
    EXPECT_FALSE(breaker.on_failure(start));
    EXPECT_FALSE(breaker.on_success());
  }
  EXPECT_EQ(breaker.state(), BreakerState::closed);
}

TEST(CircuitBreaker, ADeadTargetOpensItAtOnce) {
  CircuitBreaker breaker = breaker_of_three();
  EXPECT_TRUE(breaker.on_dead(start));
  EXPECT_EQ(breaker.state(), BreakerState::open);
  EXPECT_FALSE(breaker.on_dead(start));
}

TEST(CircuitBreaker, TriesAgainWhenThePauseIsOver) {
  CircuitBreaker breaker = breaker_of_three();
  EXPECT_TRUE(breaker.on_dead(start));
  EXPECT_FALSE(breaker.try_half_open(start + seconds(1) - Nanoseconds(1)));
  EXPECT_TRUE(breaker.try_half_open(start + seconds(1)));
  EXPECT_EQ(breaker.state(), BreakerState::half_open);
  EXPECT_FALSE(breaker.try_half_open(start + seconds(2)));
}

TEST(CircuitBreaker, OneFailureWhileHalfOpenDoublesThePauseUpToItsLimit) {
  CircuitBreaker breaker = breaker_of_three();
  MonotonicTime now = start;
  EXPECT_TRUE(breaker.on_dead(now));
  for (const int pause : {1, 2, 4, 5, 5}) {
    EXPECT_EQ(breaker.retry_at(), now + seconds(pause));
    now = breaker.retry_at();
    EXPECT_TRUE(breaker.try_half_open(now));
    EXPECT_TRUE(breaker.on_failure(now));
  }
}

TEST(CircuitBreaker, AWholeResponseClosesItAndForgetsThePause) {
  CircuitBreaker breaker = breaker_of_three();
  EXPECT_TRUE(breaker.on_dead(start));
  EXPECT_TRUE(breaker.try_half_open(start + seconds(1)));
  EXPECT_TRUE(breaker.on_dead(start + seconds(1)));
  EXPECT_TRUE(breaker.try_half_open(start + seconds(3)));
  EXPECT_TRUE(breaker.on_success());
  EXPECT_EQ(breaker.state(), BreakerState::closed);
  EXPECT_TRUE(breaker.on_dead(start + seconds(9)));
  EXPECT_EQ(breaker.retry_at(), start + seconds(10));
}

}  // namespace
}  // namespace understudy
