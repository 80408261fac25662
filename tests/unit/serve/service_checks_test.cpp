#include "replay/serve/service_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.hpp"
#include "tests/unit/environment/service.hpp"

namespace understudy {
namespace {

using test::answer;
using test::health_body;
using testing::HasSubstr;

class ServiceChecksTest : public testing::Test {
 protected:
  [[nodiscard]] ServiceChecks& checks(std::vector<std::string> answers) {
    service_.emplace(std::move(answers));
    settings_.service_url = service_->options().target.display();
    checks_ = std::move(*ServiceChecks::create(settings_, clock_));
    return *checks_;
  }

  ManualClock clock_;
  ServeSettings settings_;
  std::optional<test::Service> service_;
  std::unique_ptr<ServiceChecks> checks_;
};

TEST_F(ServiceChecksTest, HealthIsTheServicesOwnAndIsKeptForASecond) {
  ServiceChecks& checks = this->checks({answer(200, health_body("1.0")), answer(503, health_body("1.0", true, true)),
                                        answer(503, health_body("1.0", false)), answer(500, "oops"), ""});
  EXPECT_TRUE(checks.health().healthy);
  EXPECT_EQ(checks.health().build_version, "1.0");
  EXPECT_EQ(service_->requests().size(), 1U);
  clock_.advance(std::chrono::seconds(1));
  HealthReport report = checks.health();
  EXPECT_TRUE(report.maintenance_mode);
  EXPECT_TRUE(report.healthy);  // 503 for maintenance is not unfit
  clock_.advance(std::chrono::seconds(1));
  report = checks.health();
  EXPECT_FALSE(report.healthy);
  EXPECT_FALSE(report.database_connectivity);
  for (int i = 0; i < 2; ++i) {
    clock_.advance(std::chrono::seconds(1));
    report = checks.health();
    EXPECT_FALSE(report.healthy);
    EXPECT_FALSE(report.reason.empty());
  }
}

TEST_F(ServiceChecksTest, WithoutServiceAndDatabaseTheBuildIsHealthy) {
  settings_.build_version = "2.0";
  const auto checks = ServiceChecks::create(settings_, clock_);
  ASSERT_TRUE(checks);
  EXPECT_TRUE((*checks)->health().healthy);
  EXPECT_EQ(*(*checks)->statistics(), "{}");
}

TEST_F(ServiceChecksTest, ADatabaseThatIsNotReachedIsUnfit) {
  settings_.build_version = "2.0";
  settings_.credentials["db"].kind = CloneKind::postgres;
  settings_.credentials["db"].server = "postgres://nobody@127.0.0.1:1";
  settings_.database_credential = "db";
  settings_.database_name = "app";
  settings_.statistics = {{"a", "SELECT 1"}};
  const auto checks = ServiceChecks::create(settings_, clock_);
  ASSERT_TRUE(checks);
  EXPECT_FALSE((*checks)->health().database_connectivity);
  EXPECT_FALSE((*checks)->health().healthy);
  EXPECT_EQ((*checks)->statistics().error().code, ExitCode::database_unfit);
}

TEST_F(ServiceChecksTest, TestsAreRunOverHttp) {
  settings_.tests = {{"Home", "The page.", "/", 200, "hello"},
                     {"Words", "", "/words", 200, "absent"},
                     {"Status", "", "/status", 404, ""},
                     {"Gone", "", "/gone", 200, ""}};
  const auto results = checks({answer(200, "say hello"), answer(200, "present"), answer(404, "none"), ""}).tests();
  ASSERT_EQ(results.size(), 4U);
  EXPECT_TRUE(results[0].success);
  EXPECT_EQ(results[0].error, "");
  EXPECT_FALSE(results[1].success);
  EXPECT_THAT(results[1].error, HasSubstr("lacks \"absent\""));
  EXPECT_TRUE(results[2].success);
  EXPECT_FALSE(results[3].success);
  EXPECT_THAT(service_->requests().at(1), HasSubstr("GET /words "));
}

TEST_F(ServiceChecksTest, StatisticsOfTheServiceMustBeJson) {
  settings_.statistics_path = "/admin/statistics";
  ServiceChecks& checks = this->checks({answer(200, R"({"a":1})"), answer(200, "<html>"), answer(500, "{}")});
  EXPECT_EQ(*checks.statistics(), R"({"a":1})");
  EXPECT_FALSE(checks.statistics());
  EXPECT_FALSE(checks.statistics());
}

TEST(StatisticValue, OneValueIsItselfAndRowsAreAnArray) {
  EXPECT_EQ(statistic_value({R"({"count":3})"}), "3");
  EXPECT_EQ(statistic_value({R"({"name":"a\"b"})"}), R"("a\"b")");
  EXPECT_EQ(statistic_value({R"({"a":1,"b":2})"}), R"([{"a":1,"b":2}])");
  EXPECT_EQ(statistic_value({R"({"a":1})", R"({"a":2})"}), R"([{"a":1},{"a":2}])");
  EXPECT_EQ(statistic_value({}), "[]");
}

}  // namespace
}  // namespace understudy
