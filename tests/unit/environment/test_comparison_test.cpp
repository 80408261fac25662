#include "replay/environment/test_comparison.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

TestPayload payload(std::vector<std::pair<std::string, bool>> tests) {
  TestPayload payload;
  for (const auto& [name, success] : tests) payload.tests.push_back({name, {}, {}, success, success ? "" : "oops"});
  return payload;
}

TEST(CompareTestsTest, TellsEveryChangeByName) {
  const TestComparison comparison = compare_tests(
      payload({{"passes", true}, {"breaks", true}, {"heals", false}, {"stays", false}, {"goes", true}}),
      payload(
          {{"stays", false}, {"heals", true}, {"fresh", true}, {"bad", false}, {"breaks", false}, {"passes", true}}));
  std::vector<std::pair<std::string, TestChange>> found;
  for (const TestDifference& test : comparison.tests) found.emplace_back(test.name, test.change);
  const std::vector<std::pair<std::string, TestChange>> expected = {
      {"stays", TestChange::still_failing}, {"heals", TestChange::repaired}, {"fresh", TestChange::new_passing},
      {"bad", TestChange::new_failing},     {"breaks", TestChange::broken},  {"passes", TestChange::passes},
      {"goes", TestChange::missing}};
  EXPECT_EQ(found, expected);
  EXPECT_FALSE(comparison.is_no_worse());
}

TEST(CompareTestsTest, WhatFailedBeforeDoesNotCount) {
  EXPECT_TRUE(compare_tests(payload({{"a", true}, {"b", false}}), payload({{"b", false}, {"a", true}})).is_no_worse());
  EXPECT_FALSE(compare_tests(payload({{"a", true}}), payload({})).is_no_worse());
  EXPECT_FALSE(compare_tests(payload({}), payload({{"a", false}})).is_no_worse());
}

TEST(CompareTestsTest, IsShownAsTextAndJson) {
  const TestComparison comparison =
      compare_tests(payload({{"a", true}, {"b", true}}), payload({{"a", false}, {"b", true}}));
  EXPECT_EQ(to_text(comparison),
            "broken        a: oops\n"
            "2 tests: 1 as before, 1 broken, 0 missing, 0 new and failing\n");
  EXPECT_EQ(to_json(comparison), R"({"no_worse":false,"tests":[{"name":"a","change":"broken","error":"oops"},)"
                                 R"({"name":"b","change":"passes","error":""}]})");
}

}  // namespace
}  // namespace understudy
