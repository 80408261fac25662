#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay/rehearse/merged_result.hpp"
#include "replay/rehearse/rehearsal.hpp"
#include "tests/unit/rehearse/rehearse_fixture.hpp"

namespace understudy {
namespace {

using rehearse_test::plan_with;
using rehearse_test::story;
using testing::AllOf;
using testing::HasSubstr;

[[nodiscard]] RehearsalState whole() {
  RehearsalState state;
  state.end = "whole";
  state.end_reason.clear();
  state.started_at = "2026-03-02T09:00:00Z";
  return state;
}

TEST(JudgeRecords, TheStoryIsImproved) {
  const RehearsalPlan plan = plan_with();
  const RehearsalOutcome outcome = judge_records(plan, whole(), story(plan), std::nullopt);
  EXPECT_EQ(outcome.judged.verdict, RehearsalVerdict::improved);
  EXPECT_EQ(outcome.exit_code, ExitCode::ok);
  EXPECT_EQ(outcome.judged.pairs, 8U);
}

TEST(JudgeRecords, ARegressionHasItsExitCode) {
  const RehearsalPlan plan = plan_with();
  auto records = story(plan);
  for (RunRecord& record : records) {
    if (record.place.phase == RunPhase::noise) continue;
    record.place.side = record.place.side == RunSide::baseline ? RunSide::candidate : RunSide::baseline;
  }
  const RehearsalOutcome outcome = judge_records(plan, whole(), std::move(records), std::nullopt);
  EXPECT_EQ(outcome.judged.verdict, RehearsalVerdict::regressed);
  EXPECT_EQ(outcome.exit_code, ExitCode::regressed);
}

TEST(JudgeRecords, AnObjectiveThatFailsDecidesTheExitCode) {
  RehearsalPlan plan = plan_with();
  plan.objectives.push_back(*Objective::parse("p95 > 1ms"));
  const RehearsalOutcome outcome = judge_records(plan, whole(), story(plan), std::nullopt);
  EXPECT_EQ(outcome.judged.verdict, RehearsalVerdict::improved);
  EXPECT_EQ(outcome.exit_code, ExitCode::objective_failed);
  ASSERT_EQ(outcome.objectives.size(), 1U);
  EXPECT_THAT(outcome.objectives[0].measured, HasSubstr("of 7,992"));  // all eight of the candidate's runs
}

TEST(JudgeRecords, WhatDidNotComeToItsEndHasNoVerdict) {
  const RehearsalPlan plan = plan_with();
  RehearsalState state = whole();
  state.end = "failed";
  state.end_reason = "the database was lost";
  const RehearsalOutcome outcome =
      judge_records(plan, state, story(plan), Error{ExitCode::database_unfit, "the database was lost"});
  EXPECT_EQ(outcome.judged.verdict, RehearsalVerdict::inconclusive);
  EXPECT_EQ(outcome.exit_code, ExitCode::database_unfit);
  EXPECT_THAT(outcome.judged.headline, HasSubstr("the database was lost"));
}

TEST(JudgeRecords, AHalfPairIsNoPair) {
  const RehearsalPlan plan = plan_with();
  auto records = story(plan);
  records.pop_back();
  EXPECT_EQ(judge_records(plan, whole(), std::move(records), std::nullopt).judged.pairs, 7U);
}

TEST(JudgeRecords, NothingMeasuredIsInconclusive) {
  const RehearsalPlan plan = plan_with();
  EXPECT_EQ(judge_records(plan, whole(), {}, std::nullopt).exit_code, ExitCode::inconclusive);
}

TEST(MergedResult, AddsUpTheValidRunsOfASide) {
  const RehearsalPlan plan = plan_with();
  auto records = story(plan);
  EXPECT_EQ(merged_result(records, RunSide::baseline).load.planned, 8000U);  // without the A/A runs
  records.back().invalid = {"another build"};
  const RunResult candidate = merged_result(records, RunSide::baseline);
  EXPECT_EQ(candidate.load.planned, records.back().place.side == RunSide::baseline ? 7000U : 8000U);
  EXPECT_NEAR(*candidate.target_rate, 50, 1e-9);
  EXPECT_EQ(candidate.routes.size(), 1U);
}

TEST(Summary, SaysTheVerdictTheFiguresAndWhatGotWorse) {
  const RehearsalPlan plan = plan_with();
  const std::string text = summary_text(plan, judge_records(plan, whole(), story(plan), std::nullopt));
  EXPECT_THAT(text, AllOf(HasSubstr("orders: IMPROVED\nReads from the device fell by 96 %"),
                          HasSubstr("over 8 valid pairs of 8"),
                          HasSubstr("Queries that got worse: 1\n  INSERT INTO events VALUES ($1)")));
}

}  // namespace
}  // namespace understudy
