#include "replay/environment/statistics_comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy {
namespace {

using testing::HasSubstr;

StatisticsComparison compare(std::string_view before, std::string_view after, const std::vector<std::string>& rules) {
  return compare_statistics(*flatten_json("before", before), *flatten_json("after", after),
                            *StatisticsRules::compile(rules));
}

struct Row {
  const char* rule;
  const char* before;
  const char* after;
  const char* reason;  // "": the rule holds
};

TEST(CompareStatisticsTest, HoldsEachRule) {
  const Row rows[] = {
      {"equal", "3", "3", ""},
      {"equal", "3", "3.0", ""},
      {"equal", "3", "4", "differs"},
      {"equal", "\"a\"", "\"a\"", ""},
      {"equal", "null", "0", "differs"},
      {"equal", "[]", "{}", "differs"},
      {"within 5%", "100", "105", ""},
      {"within 5%", "100", "95", ""},
      {"within 5%", "100", "106", "changes by 6.00 %"},
      {"within 5%", "-100", "-94", "changes by 6.00 %"},
      {"within 5%", "-100", "-105", ""},
      {"within 5%", "0", "0", ""},
      {"within 5%", "0", "1", "was 0, of which a share is 0"},
      {"within 5%", "\"x\"", "\"x\"", ""},
      {"within 5%", "100", "\"100\"", "is no number"},
      {"within 0%", "9007199254740993", "9007199254740992", "changes by -0.00 %"},
      {"monotone", "5", "5", ""},
      {"monotone", "5", "6.5", ""},
      {"monotone", "5", "4", "falls"},
      {"monotone", "true", "false", "is no number"},
      {"monotone", "18446744073709551615", "18446744073709551614", "falls"},
      {"ignore", "5", "\"x\"", ""},
  };
  for (const Row& row : rows) {
    const StatisticsComparison comparison =
        compare(std::string("{\"v\":") + row.before + "}", std::string("{\"v\":") + row.after + "}",
                {std::string("/v = ") + row.rule});
    ASSERT_EQ(comparison.results.size(), 1U);
    EXPECT_EQ(comparison.results[0].reason, row.reason) << row.rule << ' ' << row.before << ' ' << row.after;
    const bool holds = std::string_view(row.reason).empty();
    EXPECT_EQ(comparison.verdict(), holds ? StatisticsVerdict::passed : StatisticsVerdict::violated);
  }
}

TEST(CompareStatisticsTest, WhatAppearsOrDisappearsIsViolatedUnlessIgnored) {
  const StatisticsComparison comparison =
      compare(R"({"gone": 1, "gone_too": 1})", R"({"new": 1})", {"/** = monotone", "/gone_too = ignore"});
  ASSERT_EQ(comparison.results.size(), 3U);
  EXPECT_EQ(comparison.results[0].reason, "disappears");
  EXPECT_EQ(comparison.results[1].outcome, StatisticOutcome::ignored);
  EXPECT_EQ(comparison.results[2].reason, "appears");
  EXPECT_FALSE(comparison.results[2].before);
}

TEST(CompareStatisticsTest, UnknownPathsAreReported) {
  const StatisticsComparison same = compare(R"({"a": 1})", R"({"a": 1})", {});
  EXPECT_EQ(same.verdict(), StatisticsVerdict::passed);
  EXPECT_THAT(to_text(same), HasSubstr("unchanged, without a rule:\n  /a  1 -> 1\n"));
  const StatisticsComparison changed = compare(R"({"a": 1, "b": 2})", R"({"a": 2, "c": 3})", {});
  EXPECT_EQ(changed.verdict(), StatisticsVerdict::inconclusive);
  EXPECT_EQ(changed.count(StatisticOutcome::unknown_changed), 3U);
  EXPECT_THAT(to_text(changed), HasSubstr("  /a  1 -> 2\n  /b  2 -> (not there)\n  /c  (not there) -> 3\n"));
  EXPECT_EQ(compare(R"({"a": 1, "b": 2})", R"({"a": 2, "b": 3})", {"/b = equal"}).verdict(),
            StatisticsVerdict::violated);
}

TEST(CompareStatisticsTest, IsShownAsTextAndJson) {
  const StatisticsComparison comparison =
      compare(R"({"users": 3, "requests": 10, "at": "x", "u\u001b": 1})", R"({"users": 2, "requests": 12, "at": "y"})",
              {"/users = equal", "/requests = monotone", "/at = ignore"});
  EXPECT_EQ(to_text(comparison),
            "statistics violated: 1 as ruled, 1 violated, 1 ignored; without a rule 1 changed, 0 unchanged\n"
            "violated:\n  /users  3 -> 2  differs  (/users = equal)\n"
            "changed, and no rule says whether it may:\n  /u\\u001b  1 -> (not there)\n");
  EXPECT_EQ(
      to_json(comparison),
      R"({"verdict":"violated","counts":{"as_ruled":1,"violated":1,"ignored":1,"unknown_changed":1,)"
      R"("unknown_unchanged":0},"paths":[)"
      R"({"path":"/at","outcome":"ignored","rule":"/at = ignore","reason":"","before":"x","after":"y"},)"
      R"({"path":"/requests","outcome":"as_ruled","rule":"/requests = monotone","reason":"","before":10,"after":12},)"
      R"({"path":"/u\u001b","outcome":"unknown_changed","rule":"","reason":"","before":1},)"
      R"({"path":"/users","outcome":"violated","rule":"/users = equal","reason":"differs","before":3,"after":2}]})");
}

TEST(CompareStatisticsTest, LongListsAreCut) {
  std::string before = "[0";
  for (int i = 1; i < 1200; ++i) before += ",0";
  std::string after = before;
  std::ranges::replace(after, '0', '1');
  const std::string text = to_text(compare(before + "]", after + "]", {"/* = equal"}), 10);
  EXPECT_THAT(text, HasSubstr("  and 1,190 more\n"));
  EXPECT_EQ(std::ranges::count(text, '\n'), 13);
}

}  // namespace
}  // namespace understudy
