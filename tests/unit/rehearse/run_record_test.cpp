#include "replay/rehearse/run_record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/rehearse/rehearse_fixture.hpp"

namespace understudy {
namespace {

using testing::Contains;
using testing::HasSubstr;

[[nodiscard]] RunRecord record() { return rehearse_test::story(rehearse_test::plan_with()).at(5); }  // a candidate's

TEST(RunRecord, WhatIsWrittenIsReadAgain) {
  RunRecord before = record();
  before.invalid = {"a \"reason\"\n"};
  before.database->burst_balance = 0.8;
  const auto after = read_run_record("record", to_json(before));
  ASSERT_TRUE(after.has_value()) << after.error().message;
  EXPECT_EQ(to_json(*after), to_json(before));
  EXPECT_EQ(after->place, before.place);
  EXPECT_EQ(after->invalid, before.invalid);
  EXPECT_EQ(after->started_at, before.started_at);
  EXPECT_EQ(after->result.load.outcomes.lost_total(), 1U);
  EXPECT_EQ(after->result.load.outcomes.latency.count(), 999U);
  EXPECT_EQ(after->database->classes[0].plan->text, before.database->classes[0].plan->text);
  EXPECT_EQ(after->database->values, before.database->values);
}

TEST(RunRecord, QuantilesSurviveToTheHistogramsPrecision) {
  const RunRecord before = record();
  const auto after = read_run_record("record", to_json(before));
  const auto before_p95 = static_cast<double>(before.result.load.outcomes.latency.quantile(0.95));
  const auto after_p95 = static_cast<double>(after->result.load.outcomes.latency.quantile(0.95));
  EXPECT_NEAR(after_p95 / before_p95, 1, 0.001);
}

TEST(RunRecord, ARunWithoutADatabaseHasNone) {
  RunRecord before = record();
  before.database.reset();
  EXPECT_FALSE(read_run_record("record", to_json(before))->database.has_value());
}

TEST(RunRecord, DamageIsNamed) {
  EXPECT_THAT(read_run_record("'x'", "{").error().message, HasSubstr("'x' is damaged"));
  EXPECT_THAT(read_run_record("'x'", R"({"schema":2})").error().message, HasSubstr("'schema'"));
  std::string text = to_json(record());
  text.replace(text.find("\"planned\":1000"), 14, "\"planned\":\"10\"");
  EXPECT_THAT(read_run_record("'x'", text).error().message, HasSubstr("'result/load/planned'"));
}

TEST(RunRecord, EveryPrefixIsRefusedWithoutACrash) {
  const std::string text = to_json(record());
  for (std::size_t size = 0; size < text.size(); size += 7) {
    EXPECT_FALSE(read_run_record("x", text.substr(0, size)).has_value());
  }
}

TEST(MeasuredRun, TakesWhatTheVerdictNeeds) {
  const MeasuredRun run = measured_run(record());
  EXPECT_EQ(run.planned, 1000U);
  EXPECT_EQ(run.answered, 999U);
  EXPECT_EQ(run.unaccounted, 0U);  // one is lost for a reason
  EXPECT_DOUBLE_EQ(run.total.values.at(Metric::errors), 0.001);
  EXPECT_DOUBLE_EQ(run.total.values.at(Metric::client_errors), 0.009);
  EXPECT_NEAR(run.total.values.at(Metric::latency_p95), 10, 1);
  EXPECT_DOUBLE_EQ(*run.data_cache_ratio, 6);
  EXPECT_EQ(run.classes.size(), 2U);
  EXPECT_EQ(run.routes[0].name, "GET /events/{id}");
  EXPECT_NEAR(run.achieved_rate, 50, 1e-9);
}

TEST(MeasuredRun, RequestsThatNobodyCountsAreUnaccounted) {
  RunRecord run = record();
  run.result.load.planned = 1003;
  EXPECT_EQ(measured_run(run).unaccounted, 3U);
}

TEST(MeasuredRun, ARunThatEndedEarlyDoesNotCount) {
  RunRecord run = record();
  run.result.end = RunEnd::interrupted;
  run.result.end_reason = "a signal";
  run.result.generator.saturated = true;
  run.result.generator.reason = "it was late";
  const auto invalid = measured_run(run).invalid;
  EXPECT_THAT(invalid, Contains("the run ended early: a signal"));
  EXPECT_THAT(invalid, Contains("it was late"));
}

}  // namespace
}  // namespace understudy
