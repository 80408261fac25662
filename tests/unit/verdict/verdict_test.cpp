#include "replay/verdict/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/verdict/rehearsal_fixture.hpp"

namespace understudy {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using verdict_test::MadeUp;
using verdict_test::Maker;

[[nodiscard]] VerdictInput rehearsal(const MadeUp& what = {}, std::uint64_t seed = 1) {
  return Maker(seed).rehearsal(what);
}

[[nodiscard]] const PartVerdict& part(const std::vector<PartVerdict>& parts, const std::string& id) {
  for (const PartVerdict& item : parts) {
    if (item.id == id) return item;
  }
  ADD_FAILURE() << "no part " << id;
  return parts.front();
}

[[nodiscard]] const MetricComparison& metric(const std::vector<MetricComparison>& metrics, Metric key) {
  for (const MetricComparison& item : metrics) {
    if (item.metric == key) return item;
  }
  ADD_FAILURE() << "no metric " << metric_info(key).key;
  return metrics.front();
}

// The story: the frequent query stops scanning its table, and the insert has more indexes to feed.
[[nodiscard]] MadeUp migration() {
  MadeUp what;
  what.effect = 0.04;
  what.classes = {{"select", 8000, 0.002}, {"insert", 4, 6}, {"update", 2, 1}};
  return what;
}

TEST(Verdict, AMigrationThatHelpsIsImproved) {
  const JudgedRehearsal judged = judge_rehearsal(rehearsal(migration()));
  EXPECT_EQ(judged.verdict, RehearsalVerdict::improved);
  EXPECT_THAT(judged.headline,
              AllOf(StartsWith("Reads from the device fell by 9"), HasSubstr("95 % interval"), HasSubstr(" a second")));
  EXPECT_THAT(judged.refused, IsEmpty());
  EXPECT_EQ(part(judged.classes, "select").verdict, RehearsalVerdict::improved);
}

TEST(Verdict, AClassThatGotWorseStandsOutThoughTheTotalGotBetter) {
  const JudgedRehearsal judged = judge_rehearsal(rehearsal(migration()));
  const PartVerdict& insert = part(judged.classes, "insert");
  EXPECT_EQ(insert.verdict, RehearsalVerdict::regressed);
  EXPECT_TRUE(insert.stands_out);
  EXPECT_THAT(insert.reason, HasSubstr("8 of 8 pairs agree"));
  EXPECT_FALSE(part(judged.classes, "select").stands_out);
  EXPECT_NE(part(judged.classes, "update").verdict, RehearsalVerdict::regressed);
}

TEST(Verdict, SharesAndEstimatedReadsAreThoseOfTheClasses) {
  const JudgedRehearsal judged = judge_rehearsal(rehearsal(migration()));
  EXPECT_EQ(judged.classes.front().id, "select");  // heaviest first
  const PartVerdict& select = part(judged.classes, "select");
  EXPECT_EQ(select.share_of, Metric::blocks_read);
  EXPECT_GT(select.baseline_share, 0.99);
  EXPECT_NEAR(*select.baseline_read_iops, 600, 60);
  EXPECT_LT(*select.candidate_read_iops, 24);
}

TEST(Verdict, AWorseCandidateIsRegressedAndSaysByWhat) {
  MadeUp what;
  what.effect = 3;
  what.classes[0].effect = 40;
  const JudgedRehearsal judged = judge_rehearsal(rehearsal(what));
  EXPECT_EQ(judged.verdict, RehearsalVerdict::regressed);
  EXPECT_THAT(judged.headline, StartsWith("Reads from the device rose to "));
  EXPECT_EQ(part(judged.classes, "select").verdict, RehearsalVerdict::regressed);
}

TEST(Verdict, OneWorseHeadlineIsEnoughForRegressed) {
  VerdictInput input = rehearsal(migration());
  for (MeasuredPair& pair : input.pairs) pair.candidate.total.values[Metric::errors] = 0.2;
  const JudgedRehearsal judged = judge_rehearsal(input);
  EXPECT_EQ(judged.verdict, RehearsalVerdict::regressed);
  EXPECT_THAT(judged.headline, StartsWith("Errors rose"));
  EXPECT_THAT(judged.reasons, Contains(StartsWith("improved: reads from the device")));
}

TEST(Verdict, EqualRunsAreEquivalent) {
  MadeUp what;
  what.noise = 0.01;
  const JudgedRehearsal judged = judge_rehearsal(rehearsal(what));
  EXPECT_EQ(judged.verdict, RehearsalVerdict::equivalent) << judged.headline;
  EXPECT_THAT(judged.reasons, Each(StartsWith("equivalent: ")));
}

TEST(Verdict, TooFewPairsAreInconclusive) {
  MadeUp what = migration();
  what.pairs = 5;
  const JudgedRehearsal judged = judge_rehearsal(rehearsal(what));
  EXPECT_EQ(judged.verdict, RehearsalVerdict::inconclusive);
  EXPECT_EQ(judged.headline, "No verdict: there are 5 valid pairs, and 6 are needed.");
  EXPECT_EQ(metric(judged.metrics, Metric::device_reads).p_t, std::nullopt);
  EXPECT_TRUE(metric(judged.metrics, Metric::device_reads).ratio.has_value());  // what is known is told
}

TEST(Verdict, NoPairAtAllIsInconclusive) {
  const JudgedRehearsal judged = judge_rehearsal({});
  EXPECT_EQ(judged.verdict, RehearsalVerdict::inconclusive);
  EXPECT_THAT(judged.reasons, Not(IsEmpty()));
}

TEST(Verdict, TooFewRequestsAreInconclusive) {
  VerdictInput input = rehearsal(migration());
  for (MeasuredPair& pair : input.pairs) pair.candidate.answered = 99;
  const JudgedRehearsal judged = judge_rehearsal(input);
  EXPECT_EQ(judged.verdict, RehearsalVerdict::inconclusive);
  EXPECT_THAT(judged.headline, HasSubstr("only 99 requests were answered; 100 are needed"));
}

TEST(Verdict, AMissedRateIsNoVerdict) {
  VerdictInput input = rehearsal(migration());
  for (MeasuredPair& pair : input.pairs) pair.baseline.achieved_rate = 20;
  const JudgedRehearsal judged = judge_rehearsal(input);
  EXPECT_EQ(judged.verdict, RehearsalVerdict::inconclusive);
  EXPECT_THAT(judged.headline, HasSubstr("baseline: 20/s were sent of the 50/s that were due"));
}

TEST(Verdict, ASinglePairOfTroubleIsLeftOut) {
  VerdictInput input = rehearsal(migration());
  input.pairs[3].candidate.invalid = {"BuildVersion changed from 1.0 to 1.1"};
  input.pairs[3].candidate.total.values[Metric::device_reads] = 1e9;
  const JudgedRehearsal judged = judge_rehearsal(input);
  EXPECT_EQ(judged.verdict, RehearsalVerdict::improved);
  EXPECT_EQ(judged.pairs, 7U);
  EXPECT_THAT(judged.warnings, Contains("pair 4 is left out: candidate: BuildVersion changed from 1.0 to 1.1"));
  EXPECT_EQ(judged.invalid_pairs[3], "candidate: BuildVersion changed from 1.0 to 1.1");
}

TEST(Verdict, ManyPairsOfTroubleAreNotJustLeftOut) {
  MadeUp what = migration();
  what.pairs = 9;
  VerdictInput input = rehearsal(what);
  for (std::size_t i = 0; i < 3; ++i) input.pairs[i].candidate.invalid = {"the generator was saturated"};
  const JudgedRehearsal judged = judge_rehearsal(input);  // six are left, but which ones was not left to chance
  EXPECT_EQ(judged.verdict, RehearsalVerdict::inconclusive);
  EXPECT_THAT(judged.headline, HasSubstr("3 of 9 pairs say nothing"));
}

TEST(Verdict, AnotherLoadInAPairIsNoPair) {
  VerdictInput input = rehearsal(migration());
  input.pairs[0].candidate.planned = 900;
  EXPECT_THAT(judge_rehearsal(input).invalid_pairs[0], HasSubstr("1,000 and 900 requests"));
}

TEST(Verdict, UnaccountedRequestsForbidAVerdict) {
  VerdictInput input = rehearsal(migration());
  input.pairs[2].baseline.unaccounted = 1;
  const JudgedRehearsal judged = judge_rehearsal(input);
  EXPECT_EQ(judged.verdict, RehearsalVerdict::inconclusive);
  EXPECT_THAT(judged.headline, HasSubstr("unaccounted"));
}

TEST(Verdict, AnotherRatioOfDataToCacheForbidsAVerdict) {
  VerdictInput input = rehearsal(migration());
  input.production_data_cache_ratio = 60;
  const JudgedRehearsal judged = judge_rehearsal(input);
  EXPECT_EQ(judged.verdict, RehearsalVerdict::inconclusive);
  EXPECT_THAT(judged.headline, HasSubstr("data to cache is 6 to 1 here and 60 to 1 in production"));
  input.production_data_cache_ratio = 8;  // within the factor
  EXPECT_EQ(judge_rehearsal(input).verdict, RehearsalVerdict::improved);
}

TEST(Verdict, AnUnknownRatioOfDataToCacheIsAWarning) {
  VerdictInput input = rehearsal(migration());
  input.production_data_cache_ratio = std::nullopt;
  const JudgedRehearsal judged = judge_rehearsal(input);
  EXPECT_EQ(judged.verdict, RehearsalVerdict::improved);
  EXPECT_THAT(judged.warnings, Contains(HasSubstr("how large production's data is")));
}

TEST(Verdict, ReasonsKnownBeforeForbidAVerdict) {
  VerdictInput input = rehearsal(migration());
  input.refusals = {"the rehearsal was interrupted"};
  EXPECT_EQ(judge_rehearsal(input).headline, "No verdict: the rehearsal was interrupted.");
}

TEST(Verdict, AChangeAsLargeAsTheNoiseIsNoChange) {
  MadeUp what;
  what.noise = 0.01;
  what.effect = 1.3;
  VerdictInput input = rehearsal(what);
  EXPECT_EQ(judge_rehearsal(input).verdict, RehearsalVerdict::regressed);
  for (MeasuredPair& pair : input.noise_pairs) {
    for (auto& [metric, value] : pair.candidate.total.values) value *= 1.6;
  }
  const JudgedRehearsal judged = judge_rehearsal(input);
  EXPECT_EQ(judged.verdict, RehearsalVerdict::inconclusive);
  EXPECT_THAT(metric(judged.metrics, Metric::device_reads).reason,
              HasSubstr("two runs of the baseline differed by as much"));
  EXPECT_NEAR(*metric(judged.metrics, Metric::device_reads).noise_floor, 1.6, 0.1);
}

TEST(Verdict, ZerosOnOneSideAreFinite) {
  VerdictInput input = rehearsal();
  for (MeasuredPair& pair : input.pairs) pair.candidate.total.values[Metric::device_reads] = 0;
  const MetricComparison reads = metric(judge_rehearsal(input).metrics, Metric::device_reads);
  EXPECT_EQ(reads.verdict, RehearsalVerdict::improved);
  EXPECT_GT(*reads.ratio, 0);
  EXPECT_LT(*reads.ratio, 0.001);
  EXPECT_EQ(reads.candidate, 0);
}

TEST(Verdict, ZerosOnBothSidesAreEquivalent) {
  VerdictInput input = rehearsal();
  for (MeasuredPair& pair : input.pairs) {
    pair.baseline.total.values[Metric::device_reads] = pair.candidate.total.values[Metric::device_reads] = 0;
  }
  const JudgedRehearsal judged = judge_rehearsal(input);
  const MetricComparison& reads = metric(judged.metrics, Metric::device_reads);
  EXPECT_EQ(reads.verdict, RehearsalVerdict::equivalent);
  EXPECT_EQ(reads.reason, "none on either side");
  EXPECT_EQ(reads.ratio, std::nullopt);
}

TEST(Verdict, AFewOperationsMoreDoNotMatter) {
  VerdictInput input = rehearsal();
  for (MeasuredPair& pair : input.pairs) {
    pair.baseline.total.values[Metric::device_reads] = 0.05;
    pair.candidate.total.values[Metric::device_reads] = 0.7;
  }
  EXPECT_EQ(metric(judge_rehearsal(input).metrics, Metric::device_reads).verdict, RehearsalVerdict::equivalent);
}

TEST(Verdict, AMetricThatAPairLacksIsJudgedByTheOthers) {
  VerdictInput input = rehearsal(migration());
  input.pairs[0].baseline.total.values.erase(Metric::device_reads);
  EXPECT_EQ(metric(judge_rehearsal(input).metrics, Metric::device_reads).pairs, 7U);
  for (MeasuredPair& pair : input.pairs) pair.baseline.total.values.erase(Metric::device_reads);
  const MetricComparison reads = metric(judge_rehearsal(input).metrics, Metric::device_reads);
  EXPECT_EQ(reads.verdict, RehearsalVerdict::inconclusive);
  EXPECT_EQ(reads.reason, "it was not measured in any pair");
}

TEST(Verdict, BytesStandInForOperationsThatNobodyCounted) {
  VerdictInput input = rehearsal(migration());
  for (MeasuredPair& pair : input.pairs) {
    for (MeasuredRun* run : {&pair.baseline, &pair.candidate}) {
      run->total.values[Metric::device_read_bytes] = run->total.values[Metric::device_reads] * 100'000;
    }
  }
  EXPECT_FALSE(metric(judge_rehearsal(input).metrics, Metric::device_read_bytes).headline);
  for (MeasuredPair& pair : input.pairs) {
    for (MeasuredRun* run : {&pair.baseline, &pair.candidate}) run->total.values.erase(Metric::device_reads);
  }
  const JudgedRehearsal judged = judge_rehearsal(input);
  EXPECT_TRUE(metric(judged.metrics, Metric::device_read_bytes).headline);
  EXPECT_THAT(judged.headline, StartsWith("Bytes read from the device fell by "));
}

TEST(Verdict, ANewHeavyQueryStandsOutAndAVanishedOneDoesNot) {
  VerdictInput input = rehearsal(migration());
  for (MeasuredPair& pair : input.pairs) {
    pair.candidate.classes.erase(pair.candidate.classes.begin() + 2);  // update
    pair.candidate.classes.push_back({"scan", "SELECT count(*) FROM events", {{{Metric::blocks_read, 500}}, 0}});
  }
  const JudgedRehearsal judged = judge_rehearsal(input);
  const PartVerdict& scan = part(judged.classes, "scan");
  EXPECT_EQ(scan.presence, ClassPresence::appeared);
  EXPECT_TRUE(scan.stands_out);
  EXPECT_EQ(scan.verdict, RehearsalVerdict::inconclusive);
  EXPECT_THAT(scan.reason, HasSubstr("the baseline has no such query; it makes 9"));
  const PartVerdict& update = part(judged.classes, "update");
  EXPECT_EQ(update.presence, ClassPresence::vanished);
  EXPECT_FALSE(update.stands_out);
}

TEST(Verdict, AClassThatSomeRunsLackCountsAsNothingThere) {
  VerdictInput input = rehearsal(migration());
  input.pairs[0].candidate.classes.pop_back();
  const PartVerdict update = part(judge_rehearsal(input).classes, "update");
  EXPECT_EQ(update.presence, ClassPresence::both);
  EXPECT_EQ(metric(update.metrics, Metric::blocks_read).pairs, 8U);
}

TEST(Verdict, ARouteThatGotSlowerStandsOut) {
  VerdictInput input = rehearsal(migration());
  for (MeasuredPair& pair : input.pairs) {
    for (MeasuredRun* run : {&pair.baseline, &pair.candidate}) {
      MeasuredRoute route{"POST /events", {}};
      route.measured.requests = 100;
      const double p95 = run == &pair.candidate ? 30 : 10;
      route.measured.values = {{Metric::latency_p95, p95 + 0.1 * static_cast<double>(pair.number)}};
      run->routes.push_back(route);
    }
  }
  const JudgedRehearsal judged = judge_rehearsal(input);
  EXPECT_EQ(judged.routes.front().id, "GET /events/{id}");  // busiest first
  EXPECT_EQ(part(judged.routes, "GET /events/{id}").verdict, RehearsalVerdict::improved);
  const PartVerdict& post = part(judged.routes, "POST /events");
  EXPECT_EQ(post.verdict, RehearsalVerdict::regressed);
  EXPECT_TRUE(post.stands_out);
}

}  // namespace
}  // namespace understudy
