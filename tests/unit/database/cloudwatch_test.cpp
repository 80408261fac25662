#include "replay/database/cloudwatch.hpp"

#include <gtest/gtest.h>

#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

TEST(CloudWatch, JoinsMetricsByMinuteAndPage) {
  std::map<WallTime, CloudWatchPoint> points;
  const auto first = read_cloudwatch_answer(
      R"({"MetricDataResults": [
        {"Id": "read_iops", "Timestamps": [1700000040, 1700000100.0], "Values": [700.5, 10], "StatusCode": "Complete"},
        {"Id": "burst_balance", "Timestamps": ["2023-11-14T22:14:00Z"], "Values": [98.5], "StatusCode": "PartialData"},
        {"Id": "unknown", "Timestamps": [1700000040], "Values": [1]}], "NextToken": "more"})",
      points);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->next_token, "more");
  const auto second = read_cloudwatch_answer(
      R"({"MetricDataResults": [{"Id": "write_iops", "Timestamps": [1700000040, 1], "Values": [3]}], "Messages": []})",
      points);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->next_token, "");
  ASSERT_EQ(points.size(), 2U);
  const CloudWatchPoint& minute = points.begin()->second;
  EXPECT_EQ(minute.time, *parse_rfc3339("2023-11-14T22:14:00Z"));
  EXPECT_DOUBLE_EQ(*minute.read_iops, 700.5);
  EXPECT_DOUBLE_EQ(*minute.burst_balance, 98.5);
  EXPECT_DOUBLE_EQ(*minute.write_iops, 3);
  EXPECT_FALSE(points.rbegin()->second.burst_balance);
}

TEST(CloudWatch, RefusesAnAnswerOfAnotherShape) {
  std::map<WallTime, CloudWatchPoint> points;
  for (const char* body : {"", "[]", "<GetMetricDataResponse/>", R"({"MetricDataResults": 1})"}) {
    const auto read = read_cloudwatch_answer(body, points);
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().code, ExitCode::database_unfit);
  }
  EXPECT_TRUE(read_cloudwatch_answer(
      R"({"MetricDataResults": [1, {"Id": "read_iops", "Timestamps": [1e300, "x", null], "Values": [1, 2, 3]}]})",
      points));
  EXPECT_TRUE(points.empty());
}

}  // namespace
}  // namespace understudy
