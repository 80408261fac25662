#include "replay/report/verdict.hpp"

#include <gtest/gtest.h>

#include "replay/report/objective.hpp"
#include "sample_run.hpp"

namespace understudy {
namespace {

using test::histogram_of;
using test::ms;
using test::sample_run;

RunResult run_with(const std::vector<std::string>& objectives, RunResult result = sample_run()) {
  std::vector<Objective> parsed;
  for (const std::string& text : objectives) parsed.push_back(Objective::parse(text).value());
  evaluate_objectives(parsed, result);
  assess_generator(result);
  return result;
}

Verdict judged(RunResult result, const VerdictPolicy& policy = {}) {
  judge(policy, result);
  return result.verdict;
}

RunResult saturated() {
  RunResult result = sample_run();
  result.load.lateness = histogram_of(1'000, [](std::uint64_t) { return ms(23); });
  return result;
}

TEST(Generator, IsSaturatedWhenItIsLateItself) {
  RunResult result = saturated();
  assess_generator(result);
  EXPECT_TRUE(result.generator.saturated);
  EXPECT_EQ(result.generator.reason,
            "the generator itself turned to 1 % of the requests more than 23 ms after they were due: use more sender "
            "threads, a machine with less to do, or a lower rate");
  result.load.lateness = histogram_of(1'000, [](std::uint64_t i) { return i < 991 ? ms(1) : ms(500); });
  assess_generator(result);
  EXPECT_FALSE(result.generator.saturated) << "fewer than one in a hundred";
  EXPECT_EQ(result.generator.reason, "");
}

TEST(Generator, WaitingForTheTargetIsNotItsFault) {
  RunResult result = sample_run();
  result.load.wait = histogram_of(60'000, [](std::uint64_t) { return ms(2'000); });
  result.load.outcomes.sent = 30'000;
  assess_generator(result);
  EXPECT_FALSE(result.generator.saturated);
}

TEST(Generator, ABusyCoreCountsOnlyWhenTheRateSuffers) {
  RunResult result = sample_run();
  result.generator.sender_cpu = {0.4, 0.99};
  assess_generator(result);
  EXPECT_FALSE(result.generator.saturated);
  result.load.outcomes.sent = 54'000;
  assess_generator(result);
  EXPECT_TRUE(result.generator.saturated);
  EXPECT_TRUE(result.generator.reason.starts_with("a sender thread used 99 % of a core, and reached 900/s of 1,000/s"))
      << result.generator.reason;
  result.generator.spinning = true;
  assess_generator(result);
  EXPECT_FALSE(result.generator.saturated);
}

TEST(Generator, WithoutATargetRateABusyCoreIsTheLimit) {
  RunResult result = sample_run();
  result.target_rate.reset();
  result.load.lateness = {};
  result.generator.sender_cpu = {0.97};
  assess_generator(result);
  EXPECT_TRUE(result.generator.saturated);
}

TEST(Verdict, WithoutObjectivesThereIsNone) {
  EXPECT_EQ(judged(run_with({})).kind, VerdictKind::none);
  EXPECT_EQ(judged(run_with({})).exit_code, ExitCode::ok);
  EXPECT_EQ(judged(run_with({}, saturated())).exit_code, ExitCode::ok);
}

TEST(Verdict, NobodyAnsweredIsUndelivered) {
  RunResult result = sample_run();
  result.load.outcomes.by_status.clear();
  EXPECT_EQ(judged(run_with({}, result)).exit_code, ExitCode::undelivered);
  EXPECT_EQ(judged(run_with({"errors > 1%"}, result)).exit_code, ExitCode::objective_failed);
  result.load.planned = 0;
  EXPECT_EQ(judged(run_with({}, result)).exit_code, ExitCode::ok);
}

TEST(Verdict, PassesWhenAllPass) {
  const Verdict verdict = judged(run_with({"p99 > 250ms", "errors > 1%"}));
  EXPECT_EQ(verdict.kind, VerdictKind::passed);
  EXPECT_EQ(verdict.exit_code, ExitCode::ok);
  EXPECT_TRUE(verdict.reasons.empty());
}

TEST(Verdict, FailsWhenOneFailsEvenIfAnotherIsNotDecidable) {
  const Verdict verdict = judged(run_with({"p99 > 250ms", "status_mismatch > 1%", "5xx > 0"}));
  EXPECT_EQ(verdict.kind, VerdictKind::failed);
  EXPECT_EQ(verdict.exit_code, ExitCode::objective_failed);
  EXPECT_EQ(verdict.reasons, std::vector<std::string>{"5xx > 0: 5xx = 240"});
}

TEST(Verdict, IsInconclusiveWhenSomethingCannotBeDecided) {
  const Verdict verdict = judged(run_with({"p99 > 250ms", "p99.999 > 1s"}));
  EXPECT_EQ(verdict.kind, VerdictKind::inconclusive);
  EXPECT_EQ(verdict.exit_code, ExitCode::inconclusive);
  EXPECT_EQ(verdict.reasons,
            std::vector<std::string>{"p99.999 > 1s: p99.999 needs 1,000,000 samples, there are 59,940"});
}

TEST(Verdict, ASaturatedGeneratorMakesLatenciesWorthlessAndNothingElse) {
  EXPECT_EQ(judged(run_with({"p99 > 250ms"}, saturated())).kind, VerdictKind::inconclusive);
  EXPECT_EQ(judged(run_with({"p99 > 50ms"}, saturated())).kind, VerdictKind::inconclusive);
  EXPECT_EQ(judged(run_with({"5xx > 0"}, saturated())).kind, VerdictKind::failed);
  EXPECT_EQ(judged(run_with({"lateness p99 > 5ms"}, saturated())).kind, VerdictKind::failed);
}

TEST(Verdict, ARunThatWasCutShortPassesNothing) {
  RunResult result = run_with({"p99 > 250ms"});
  result.end = RunEnd::interrupted;
  result.end_reason = "a signal asked to stop";
  const Verdict verdict = judged(result);
  EXPECT_EQ(verdict.exit_code, ExitCode::inconclusive);
  EXPECT_EQ(verdict.reasons, std::vector<std::string>{"the run was stopped before its end: a signal asked to stop"});
  RunResult failed = run_with({"5xx > 0"});
  failed.end = RunEnd::interrupted;
  EXPECT_EQ(judged(failed).exit_code, ExitCode::objective_failed);
  RunResult without = run_with({});
  without.end = RunEnd::interrupted;
  EXPECT_EQ(judged(without).exit_code, ExitCode::ok);
}

TEST(Verdict, ARecordingWithLossesCountsWhenItWasAskedFor) {
  RunResult result = run_with({"p99 > 250ms"});
  const VerdictPolicy strict{.require_complete_recording = true};
  EXPECT_EQ(judged(result, strict).exit_code, ExitCode::ok);
  for (const Completeness completeness : {Completeness::incomplete, Completeness::unknown}) {
    result.identity.recording.completeness = completeness;
    EXPECT_EQ(judged(result).exit_code, ExitCode::ok);
    EXPECT_EQ(judged(result, strict).exit_code, ExitCode::inconclusive);
  }
  RunResult without = run_with({});
  without.identity.recording.completeness = Completeness::incomplete;
  EXPECT_EQ(judged(without, strict).exit_code, ExitCode::inconclusive);
}

TEST(Verdict, AnAbortedRunIsThatBeforeAllElse) {
  RunResult result = run_with({"5xx > 0"});
  result.end = RunEnd::aborted;
  result.end_reason = "errors > 20% for 10s: errors = 34 % (34 of 100)";
  const Verdict verdict = judged(result);
  EXPECT_EQ(verdict.exit_code, ExitCode::aborted);
  EXPECT_EQ(verdict.reasons, std::vector<std::string>{result.end_reason});
}

}  // namespace
}  // namespace understudy
