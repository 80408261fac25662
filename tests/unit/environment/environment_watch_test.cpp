#include "replay/environment/environment_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy {
namespace {

using testing::HasSubstr;

MonotonicTime at(int seconds) { return MonotonicTime(std::chrono::seconds(seconds)); }

HealthPayload build(const std::string& version = "1", const std::string& timestamp = "t") {
  return {version, timestamp, true, false};
}

Result<HealthAnswer> healthy() { return HealthAnswer{200, build(), {}}; }

// Some services stay 200 in maintenance, others answer 503.
Result<HealthAnswer> maintenance(int status = 200) {
  HealthPayload payload = build();
  payload.maintenance_mode = true;
  return HealthAnswer{status, payload, {}};
}

Result<HealthAnswer> unfit() { return HealthAnswer{503, std::nullopt, "no payload"}; }

Result<HealthAnswer> without_database(int status) {
  HealthPayload payload = build();
  payload.database_connectivity = false;
  return HealthAnswer{status, payload, {}};
}

class EnvironmentWatchTest : public testing::Test {
 protected:
  EnvironmentWatch watch_{build(), at(0), {3}};
};

TEST_F(EnvironmentWatchTest, RunsWhileHealthy) {
  for (int second = 1; second < 100; ++second) EXPECT_EQ(watch_.on_poll(at(second), healthy()), WatchState::running);
  EXPECT_TRUE(watch_.excluded().empty());
  EXPECT_EQ(watch_.reason(), "");
}

TEST_F(EnvironmentWatchTest, MaintenancePausesAndIsLeftOut) {
  EXPECT_EQ(watch_.on_poll(at(1), healthy()), WatchState::running);
  EXPECT_EQ(watch_.on_poll(at(2), maintenance()), WatchState::paused);
  EXPECT_EQ(watch_.on_poll(at(3), maintenance(503)), WatchState::paused);
  EXPECT_EQ(watch_.on_poll(at(4), healthy()), WatchState::running);
  ASSERT_EQ(watch_.excluded().size(), 1U);
  // It began after the poll at 1 and ended before the poll at 4.
  EXPECT_FALSE(watch_.is_excluded(at(0)));
  EXPECT_TRUE(watch_.is_excluded(at(1)));
  EXPECT_TRUE(watch_.is_excluded(at(3)));
  EXPECT_FALSE(watch_.is_excluded(at(4)));
  EXPECT_EQ(watch_.excluded_time(), std::chrono::seconds(3));
}

TEST_F(EnvironmentWatchTest, MaintenanceLastsHoweverLong) {
  for (int second = 1; second < 1000; ++second) {
    EXPECT_EQ(watch_.on_poll(at(second), maintenance(503)), WatchState::paused);
  }
  EXPECT_EQ(watch_.excluded_time(), std::chrono::seconds(999));
}

TEST_F(EnvironmentWatchTest, NeighbouringMaintenanceIsOneInterval) {
  (void)watch_.on_poll(at(1), maintenance());
  (void)watch_.on_poll(at(2), healthy());
  (void)watch_.on_poll(at(3), maintenance());
  (void)watch_.on_poll(at(4), healthy());
  (void)watch_.on_poll(at(5), healthy());
  (void)watch_.on_poll(at(6), maintenance());
  ASSERT_EQ(watch_.excluded().size(), 2U);
  EXPECT_EQ(watch_.excluded()[0].from, at(0));
  EXPECT_EQ(watch_.excluded()[0].to, at(4));
  EXPECT_EQ(watch_.excluded()[1].from, at(5));
  EXPECT_EQ(watch_.excluded()[1].to, at(6));
}

TEST_F(EnvironmentWatchTest, UnfitPollsInARowAbort) {
  EXPECT_EQ(watch_.on_poll(at(1), unfit()), WatchState::running);
  EXPECT_EQ(watch_.on_poll(at(2), without_database(200)), WatchState::running);
  EXPECT_EQ(watch_.on_poll(at(3), fail(ExitCode::environment_unfit, "cannot connect")), WatchState::aborted);
  EXPECT_THAT(watch_.reason(), HasSubstr("3 polls in a row were unfit; the last found: cannot connect"));
  EXPECT_EQ(watch_.on_poll(at(4), healthy()), WatchState::aborted);  // nothing leads out of it
}

TEST_F(EnvironmentWatchTest, AHealthyPollOrMaintenanceEndsTheRow) {
  for (int round = 0; round < 10; ++round) {
    EXPECT_EQ(watch_.on_poll(at(10 * round + 1), unfit()), WatchState::running);
    EXPECT_EQ(watch_.on_poll(at(10 * round + 2), without_database(503)), WatchState::running);
    EXPECT_EQ(watch_.on_poll(at(10 * round + 3), round % 2 == 0 ? healthy() : maintenance(503)),
              round % 2 == 0 ? WatchState::running : WatchState::paused);
    EXPECT_EQ(watch_.on_poll(at(10 * round + 4), healthy()), WatchState::running);
  }
  EXPECT_EQ(watch_.unfit_polls(), 20U);
}

TEST_F(EnvironmentWatchTest, UnfitPollsDuringMaintenanceAreLeftOutToo) {
  (void)watch_.on_poll(at(1), maintenance());
  EXPECT_EQ(watch_.on_poll(at(2), unfit()), WatchState::paused);
  EXPECT_EQ(watch_.on_poll(at(3), healthy()), WatchState::running);
  EXPECT_TRUE(watch_.is_excluded(at(2)));
  EXPECT_EQ(watch_.excluded_time(), std::chrono::seconds(3));
}

TEST_F(EnvironmentWatchTest, AnotherBuildInvalidates) {
  EXPECT_EQ(watch_.on_poll(at(1), HealthAnswer{200, build("2"), {}}), WatchState::invalidated);
  EXPECT_THAT(watch_.reason(), HasSubstr("from 1 of t to 2 of t"));
  EXPECT_EQ(watch_.on_poll(at(2), healthy()), WatchState::invalidated);
}

TEST_F(EnvironmentWatchTest, ABuildOfAnotherTimeInvalidatesAlsoInMaintenance) {
  HealthPayload payload = build("1", "later");
  payload.maintenance_mode = true;
  EXPECT_EQ(watch_.on_poll(at(1), HealthAnswer{503, payload, {}}), WatchState::invalidated);
}

TEST_F(EnvironmentWatchTest, TooManyIntervalsLeaveMoreOut) {
  const int rounds = static_cast<int>(EnvironmentWatch::intervals_max) + 10;
  for (int round = 0; round < rounds; ++round) {
    (void)watch_.on_poll(at(3 * round + 1), healthy());
    (void)watch_.on_poll(at(3 * round + 2), maintenance());
    (void)watch_.on_poll(at(3 * round + 3), healthy());
  }
  EXPECT_EQ(watch_.excluded().size(), EnvironmentWatch::intervals_max);
  EXPECT_EQ(watch_.excluded().back().to, at(3 * rounds));
  EXPECT_TRUE(watch_.is_excluded(at(3 * rounds - 3)));  // was healthy, and is left out nevertheless
}

}  // namespace
}  // namespace understudy
