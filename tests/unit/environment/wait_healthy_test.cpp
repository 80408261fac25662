#include "replay/environment/wait_healthy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/environment/service.hpp"

namespace understudy {
namespace {

using std::chrono::seconds;
using test::answer;
using test::health_body;
using test::ServiceAndClient;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

struct Outcome {
  Result<HealthPayload> health;
  std::vector<unsigned> rows;  // healthy polls in a row, after each poll
};

Outcome wait(ServiceAndClient& both, const HealthWait& wait) {
  std::vector<unsigned> rows;
  auto health = wait_healthy(*both.client, wait, [&](const HealthPoll& poll) {
    rows.push_back(poll.in_a_row);
    EXPECT_EQ(poll.number, rows.size());
    EXPECT_EQ(poll.elapsed, seconds(rows.size() - 1));
  });
  return {std::move(health), rows};
}

TEST(WaitHealthyTest, WantsARowOfTheExpectedBuild) {
  ServiceAndClient both({"", answer(503, health_body("2", false)), answer(200, health_body("1")),
                         answer(200, health_body("2")), answer(200, health_body("1")), answer(200, health_body("2")),
                         answer(200, health_body("2", true, true)), answer(200, health_body("2"))});
  const Outcome outcome = wait(both, {"2", 3, seconds(1), seconds(60)});
  ASSERT_TRUE(outcome.health) << outcome.health.error().message;
  EXPECT_EQ(outcome.health->build_version, "2");
  EXPECT_THAT(outcome.rows, ElementsAre(0, 0, 0, 1, 0, 1, 0, 1, 2, 3));
  EXPECT_THAT(both.pause.pauses, Each(Nanoseconds(seconds(1))));
}

TEST(WaitHealthyTest, WithoutAVersionTheRowIsOfOneBuild) {
  ServiceAndClient both({answer(200, health_body("1")), answer(200, health_body("2")), answer(200, health_body("1"))});
  const Outcome outcome = wait(both, {"", 2, seconds(1), seconds(60)});
  ASSERT_TRUE(outcome.health);
  EXPECT_THAT(outcome.rows, ElementsAre(1, 1, 1, 2));
}

TEST(WaitHealthyTest, TheDeadlineTellsWhatItFound) {
  ServiceAndClient both({answer(200, health_body("1"))});
  const Outcome outcome = wait(both, {"2", 3, seconds(1), seconds(5)});
  ASSERT_FALSE(outcome.health);
  EXPECT_EQ(outcome.health.error().code, ExitCode::environment_unfit);
  EXPECT_THAT(outcome.health.error().message,
              HasSubstr("was not healthy with BuildVersion 2 3 times in a row within 5 s; the last of 6 polls found: "
                        "200, BuildVersion 1"));
}

TEST(WaitHealthyTest, NoTimeIsOnePoll) {
  ServiceAndClient healthy({answer(200, health_body("1"))});
  EXPECT_TRUE(wait(healthy, {"1", 1, seconds(1), seconds(0)}).health);
  ServiceAndClient unfit({answer(503, "")});
  EXPECT_FALSE(wait(unfit, {"1", 1, seconds(1), seconds(0)}).health);
  EXPECT_EQ(unfit.service.requests().size(), 1U);
}

TEST(WaitHealthyTest, AStopEndsIt) {
  ServiceAndClient both({answer(503, "")});
  both.pause.stop_after = 2;
  const Outcome outcome = wait(both, {"1", 3, seconds(1), seconds(60)});
  ASSERT_FALSE(outcome.health);
  EXPECT_THAT(outcome.health.error().message, HasSubstr("before the wait was stopped; the last of 3 polls"));
}

}  // namespace
}  // namespace understudy
