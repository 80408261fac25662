#include "replay/environment/payloads.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy {
namespace {

using testing::HasSubstr;

constexpr const char* health_text =
    R"({"BuildVersion": "1.0.16209.8792", "BuildTimestamp": "2016-07-27T04:53:04+00:00", "DatabaseConnectivity": true, "MaintenanceMode": false})";

TEST(ReadHealthTest, ReadsWhatServicesServe) {
  const auto health = read_health(health_text);
  ASSERT_TRUE(health);
  EXPECT_EQ(health->build_version, "1.0.16209.8792");
  EXPECT_EQ(health->build_timestamp, "2016-07-27T04:53:04+00:00");
  EXPECT_TRUE(health->database_connectivity);
  EXPECT_FALSE(health->maintenance_mode);
  EXPECT_EQ(health->text(), "BuildVersion 1.0.16209.8792");
}

TEST(ReadHealthTest, ToleratesMoreMembersAndNoTimestamp) {
  const auto health = read_health(
      R"({"Extra": {"deep": [1]}, "BuildVersion": "2", "BuildTimestamp": null, "DatabaseConnectivity": false, "MaintenanceMode": true})");
  ASSERT_TRUE(health);
  EXPECT_EQ(health->build_timestamp, "");
  EXPECT_EQ(health->text(), "BuildVersion 2, without its database, in maintenance");
}

TEST(ReadHealthTest, SaysWhichMemberIsWrong) {
  const std::pair<const char*, const char*> rows[] = {
      {"<html>sign in</html>", "is no JSON, but \"<html>sign in</html>\""},
      {"[1]", "is [1 elements] instead of a JSON object"},
      {R"({"BuildVersion": 7})", "has 7 in BuildVersion where a text belongs"},
      {R"({"BuildVersion": "1", "MaintenanceMode": false})", "lacks DatabaseConnectivity"},
      {R"({"BuildVersion": "1", "DatabaseConnectivity": "true", "MaintenanceMode": false})",
       "has \"true\" in DatabaseConnectivity where true or false belongs"},
      {R"({"BuildVersion": "1", "DatabaseConnectivity": null, "MaintenanceMode": false})", "has null in DatabaseConn"},
      {R"({"BuildVersion": "1", "BuildTimestamp": 5, "DatabaseConnectivity": true, "MaintenanceMode": false})",
       "has 5 in BuildTimestamp"},
  };
  for (const auto& [body, expected] : rows) {
    const auto health = read_health(body);
    ASSERT_FALSE(health) << body;
    EXPECT_EQ(health.error().code, ExitCode::environment_unfit);
    EXPECT_THAT(health.error().message, HasSubstr(expected));
    EXPECT_THAT(health.error().message, HasSubstr("/health"));
  }
}

TEST(ReadTestsTest, ReadsWhatServicesServe) {
  const auto payload = read_tests(fmt::format(
      R"({{"Health": {}, "Tests": [{{"Name": "QueryApiStatistics", "Description": "A test.", "Endpoint": "/admin/statistics", "Success": true, "Error": null}},
          {{"Name": "Upload", "Success": false, "Error": "timed out"}}]}})",
      health_text));
  ASSERT_TRUE(payload) << payload.error().message;
  EXPECT_EQ(payload->health.build_version, "1.0.16209.8792");
  ASSERT_EQ(payload->tests.size(), 2U);
  EXPECT_EQ(payload->tests[0].endpoint, "/admin/statistics");
  EXPECT_TRUE(payload->tests[0].success);
  EXPECT_EQ(payload->tests[1].error, "timed out");
}

TEST(ReadTestsTest, SaysWhichTestIsWrong) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"Name": "A"})", "lacks Tests/0/Success"},
      {R"({"Name": "A", "Success": 1})", "has 1 in Tests/0/Success"},
      {R"(3)", "has 3 in Tests/0 where an object belongs"},
      {R"({"Name": "A", "Success": true}, {"Name": "A", "Success": true})", "two tests named \"A\""},
  };
  for (const auto& [tests, expected] : rows) {
    const auto payload = read_tests(fmt::format(R"({{"Health": {}, "Tests": [{}]}})", health_text, tests));
    ASSERT_FALSE(payload) << tests;
    EXPECT_THAT(payload.error().message, HasSubstr(expected));
  }
  EXPECT_THAT(read_tests(R"({"Tests": []})").error().message, HasSubstr("lacks Health"));
  EXPECT_THAT(read_tests(R"({"Health": {}, "Tests": []})").error().message, HasSubstr("lacks Health/BuildVersion"));
}

TEST(ReadTestsTest, RefusesTooMany) {
  std::string tests;
  for (std::size_t i = 0; i <= service_tests_max; ++i) {
    tests += fmt::format(R"({}{{"Name": "{}", "Success": true}})", i == 0 ? "" : ",", i);
  }
  const auto payload = read_tests(fmt::format(R"({{"Health": {}, "Tests": [{}]}})", health_text, tests));
  ASSERT_FALSE(payload);
  EXPECT_THAT(payload.error().message, HasSubstr("10001 tests"));
}

}  // namespace
}  // namespace understudy
