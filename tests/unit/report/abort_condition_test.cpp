#include <gtest/gtest.h>

#include "replay/report/objective.hpp"
#include "sample_run.hpp"

namespace understudy {
namespace {

using std::chrono::seconds;

AbortCondition condition_of(std::string_view text) {
  auto condition = AbortCondition::parse(text);
  if (!condition) throw std::runtime_error(condition.error().message);
  return std::move(*condition);
}

LoadFigures second_with(std::uint64_t good, std::uint64_t bad) {
  LoadFigures figures;
  figures.planned = good + bad;
  figures.outcomes.sent = good + bad;
  figures.outcomes.by_status = {{200, good}, {500, bad}};
  figures.outcomes.latency =
      test::histogram_of(good + bad, [=](std::uint64_t i) { return i < good ? test::ms(1) : test::ms(900); });
  return figures;
}

TEST(AbortCondition, HoldsOverItsWholeWindow) {
  AbortCondition condition = condition_of("errors > 20% for 10s");
  int offset = 0;
  for (; offset < 10; ++offset) EXPECT_FALSE(condition.add(seconds(offset + 1), second_with(100, 0)));
  // Two bad seconds of ten are not above 20 %, three are.
  EXPECT_FALSE(condition.add(seconds(++offset), second_with(0, 100)));
  EXPECT_FALSE(condition.add(seconds(++offset), second_with(0, 100)));
  EXPECT_TRUE(condition.add(seconds(++offset), second_with(0, 100)));
  EXPECT_EQ(condition.reason(), "errors > 20% for 10s: errors = 30 % (300 of 1,000)");
}

TEST(AbortCondition, WaitsUntilTheWindowHasFilled) {
  AbortCondition condition = condition_of("errors > 0 for 5s");
  for (int i = 1; i < 5; ++i) EXPECT_FALSE(condition.add(seconds(i), second_with(0, 10)));
  EXPECT_TRUE(condition.add(seconds(5), second_with(0, 10)));
}

TEST(AbortCondition, LooksBackTenSecondsUnlessToldOtherwise) {
  AbortCondition condition = condition_of("5xx > 0");
  for (int i = 1; i < 10; ++i) EXPECT_FALSE(condition.add(seconds(i), second_with(0, 1)));
  EXPECT_TRUE(condition.add(seconds(10), second_with(0, 1)));
}

TEST(AbortCondition, QuantilesAreThoseOfTheWindow) {
  AbortCondition condition = condition_of("p99 > 500ms for 2s");
  EXPECT_FALSE(condition.add(seconds(1), second_with(300, 0)));
  EXPECT_FALSE(condition.add(seconds(2), second_with(290, 10)));  // 600 samples do not decide a p99
  EXPECT_FALSE(condition.add(seconds(3), second_with(1'000, 0)));
  EXPECT_TRUE(condition.add(seconds(4), second_with(1'000, 50)));
}

TEST(AbortCondition, TheRateIsComparedWithWhatBecameDue) {
  AbortCondition condition = condition_of("rate < 50% for 1s");
  LoadFigures second = second_with(100, 0);
  EXPECT_FALSE(condition.add(seconds(1), second));
  second.outcomes.sent = 40;
  EXPECT_TRUE(condition.add(seconds(2), second));
}

TEST(AbortCondition, RefusesWhatAWindowDoesNotHave) {
  const auto error = [](std::string_view text) {
    const auto condition = AbortCondition::parse(text);
    return condition ? std::string("no error") : condition.error().message;
  };
  EXPECT_TRUE(error("route(\"GET /x\") p99 > 1s").starts_with("cannot read the objective at character 1, \"route("));
  EXPECT_EQ(error("errors > 1% for"),
            "cannot read the objective at character 16, the end: expected a time, as in \"for 10s\"");
  EXPECT_EQ(error("errors > 1% four 5s"),
            "cannot read the objective at character 13, \"four 5s\": expected \"and\", \"or\", \"for\" and a time, or "
            "the end");
  EXPECT_EQ(error("errors > 1% for 10ms"), "'errors > 1% for 10ms' looks back 10 ms: use 1 s to 1 h");
  EXPECT_EQ(error("errors > 1% for 2h"), "'errors > 1% for 2h' looks back 2 h: use 1 s to 1 h");
  EXPECT_EQ(error("errors > 1 for 10s"), "no error");
}

}  // namespace
}  // namespace understudy
