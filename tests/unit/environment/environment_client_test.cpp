#include "replay/environment/environment_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/environment/service.hpp"

namespace understudy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::answer;
using test::health_body;
using test::ServiceAndClient;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(RetryPolicyTest, PausesGrowUpToALimit) {
  const RetryPolicy policy;
  EXPECT_EQ(policy.pause(1, {}), milliseconds(250));
  EXPECT_EQ(policy.pause(2, {}), milliseconds(500));
  EXPECT_EQ(policy.pause(5, {}), seconds(4));
  EXPECT_EQ(policy.pause(6, {}), seconds(8));
  EXPECT_EQ(policy.pause(4'000'000'000, {}), seconds(8));
  EXPECT_EQ(policy.pause(1, seconds(3)), seconds(3));
  EXPECT_EQ(policy.pause(1, std::chrono::hours(1)), seconds(60));
}

TEST(EnvironmentClientTest, HealthIsAskedOnceAndTakes503) {
  ServiceAndClient both({answer(200, health_body("1")), answer(503, health_body("1", false)),
                         answer(503, "<html>no instance</html>"), answer(502, health_body("1")),
                         answer(200, health_body("1", true, true))});
  const auto healthy = both.client->health();
  ASSERT_TRUE(healthy);
  EXPECT_TRUE(healthy->is_healthy());
  EXPECT_EQ(healthy->text(), "200, BuildVersion 1");
  const auto unfit = both.client->health();
  ASSERT_TRUE(unfit && unfit->payload);
  EXPECT_FALSE(unfit->is_healthy());
  const auto without_payload = both.client->health();
  ASSERT_TRUE(without_payload);
  EXPECT_FALSE(without_payload->payload);
  EXPECT_THAT(without_payload->text(), HasSubstr("503, the answer of /health is no JSON"));
  EXPECT_FALSE(both.client->health()->payload);  // a gateway speaks, not the service
  EXPECT_FALSE(both.client->health()->is_healthy());
  EXPECT_TRUE(both.pause.pauses.empty());
  EXPECT_THAT(both.service.requests()[0], StartsWith("GET /health HTTP/1.1\r\n"));
}

TEST(EnvironmentClientTest, TestsComeWith503Too) {
  const std::string body = R"({"Health": )" + health_body("1", true, true) +
                           R"(, "Tests": [{"Name": "A", "Success": false, "Error": "in maintenance"}]})";
  ServiceAndClient both({answer(503, body), answer(503, "busy"), answer(404, body), answer(200, "{}")});
  const auto tests = both.client->tests();
  ASSERT_TRUE(tests) << tests.error().message;
  EXPECT_TRUE(tests->health.maintenance_mode);
  EXPECT_EQ(tests->tests[0].error, "in maintenance");
  EXPECT_THAT(both.client->tests().error().message, HasSubstr("answered 503 with \"busy\""));
  EXPECT_THAT(both.client->tests().error().message, HasSubstr("is this the right path?"));
  EXPECT_THAT(both.client->tests().error().message, HasSubstr("/test: the answer of /test lacks Health"));
}

TEST(EnvironmentClientTest, StatisticsAreAskedAgain) {
  ServiceAndClient both({"", answer(503, "", "Retry-After: 7\r\n"), answer(503, ""), answer(200, R"({"users": 3})")});
  const auto statistics = both.client->statistics();
  ASSERT_TRUE(statistics) << statistics.error().message;
  EXPECT_EQ(*statistics, R"({"users": 3})");
  EXPECT_THAT(both.pause.pauses, ElementsAre(milliseconds(250), seconds(7), seconds(1)));
}

TEST(EnvironmentClientTest, AttemptsAreBounded) {
  ServiceAndClient both({answer(503, "")});
  const auto statistics = both.client->statistics();
  ASSERT_FALSE(statistics);
  EXPECT_EQ(statistics.error().code, ExitCode::environment_unfit);
  EXPECT_EQ(both.service.requests().size(), RetryPolicy().attempts_max);
}

TEST(EnvironmentClientTest, AStopEndsTheAttempts) {
  ServiceAndClient both({answer(503, "")});
  both.pause.stop_after = 1;
  EXPECT_FALSE(both.client->statistics());
  EXPECT_EQ(both.service.requests().size(), 2U);
}

TEST(EnvironmentClientTest, StatisticsMustBeJson) {
  ServiceAndClient both({answer(200, "<html>sign in</html>"), answer(404, "")});
  EXPECT_THAT(both.client->statistics().error().message, HasSubstr("which is no JSON; is this the right path?"));
  EXPECT_THAT(both.client->statistics().error().message,
              HasSubstr("answered 404 instead of 200; is this the right path?"));
}

TEST(EnvironmentClientTest, MaintenanceIsBelievedWhenHealthShowsIt) {
  ServiceAndClient both({answer(204, ""), answer(200, health_body("1")), "", answer(200, health_body("1", true, true)),
                         answer(200, "{}"), answer(200, health_body("1"))});
  EXPECT_TRUE(both.client->set_maintenance(true));
  EXPECT_TRUE(both.client->set_maintenance(false));
  const auto requests = both.service.requests();
  ASSERT_EQ(requests.size(), 6U);
  EXPECT_THAT(requests[0], StartsWith("PUT /admin/maintenance HTTP/1.1\r\n"));
  EXPECT_THAT(requests[0], HasSubstr(R"({"MaintenanceMode":true})"));
  EXPECT_THAT(requests[4], HasSubstr(R"({"MaintenanceMode":false})"));
  EXPECT_EQ(both.pause.pauses.size(), 2U);
}

TEST(EnvironmentClientTest, MaintenanceThatDoesNotComeIsAnError) {
  ServiceAndClient both({answer(200, ""), answer(200, health_body("1"))});
  const auto set = both.client->set_maintenance(true, seconds(2));
  ASSERT_FALSE(set);
  EXPECT_THAT(set.error().message, HasSubstr("answered 200, but after 2 s /health does not show MaintenanceMode true"));
  ServiceAndClient refusing({answer(405, "")});
  EXPECT_THAT(refusing.client->set_maintenance(true).error().message, HasSubstr("answered 405"));
}

}  // namespace
}  // namespace understudy
