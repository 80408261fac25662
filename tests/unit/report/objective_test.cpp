#include "replay/report/objective.hpp"

#include <gtest/gtest.h>

#include "sample_run.hpp"

namespace understudy {
namespace {

using test::histogram_of;
using test::ms;
using test::sample_run;

ObjectiveResult evaluated(std::string_view text, const RunResult& result = sample_run()) {
  const auto objective = Objective::parse(text);
  if (!objective) throw std::runtime_error(objective.error().message);
  return objective->evaluate(result);
}

// "passed: p99 = ...", "failed: ...", "undecided: why".
std::string told(std::string_view text, const RunResult& result = sample_run()) {
  const ObjectiveResult objective = evaluated(text, result);
  switch (objective.state) {
    case ObjectiveState::passed: return "passed: " + objective.measured;
    case ObjectiveState::failed: return "failed: " + objective.measured;
    case ObjectiveState::not_decidable: return "undecided: " + objective.reason;
  }
  return {};
}

TEST(Objective, ComparesLatencies) {
  EXPECT_EQ(told("p99 > 250ms"), "passed: p99 = 99 ms (of 59,940)");
  EXPECT_EQ(told("p99 > 98ms"), "failed: p99 = 99 ms (of 59,940)");
  EXPECT_EQ(told("p50 >= 51ms"), "passed: p50 = 50 ms (of 59,940)");
  EXPECT_EQ(told("max > 100ms"), "passed: max = 100 ms (of 59,940)");
  EXPECT_EQ(told("max >= 100ms"), "failed: max = 100 ms (of 59,940)");
  EXPECT_EQ(told("min < 1ms"), "passed: min = 1 ms (of 59,940)");
  EXPECT_TRUE(told("mean > 50ms").starts_with("failed: mean = 50.5 ms"));
  EXPECT_EQ(told("latency.service p99 > 50ms"), "passed: latency.service p99 = 49.5 ms (of 59,940)");
  EXPECT_EQ(told("lateness p99 > 5ms"), "passed: lateness p99 = 10 us (of 60,000)");
}

TEST(Objective, ComparesCountsAndShares) {
  EXPECT_EQ(told("errors > 1%"), "passed: errors = 0.5 % (300 of 60,000)");
  EXPECT_EQ(told("errors > 0.4%"), "failed: errors = 0.5 % (300 of 60,000)");
  EXPECT_EQ(told("errors > 299"), "failed: errors = 300");
  EXPECT_EQ(told("errors = 300"), "failed: errors = 300");
  EXPECT_EQ(told("errors != 300"), "passed: errors = 300");
  EXPECT_EQ(told("5xx > 0"), "failed: 5xx = 240");
  EXPECT_EQ(told("404 > 0.5%"), "passed: 404 = 0.5 % (300 of 60,000)");
  EXPECT_EQ(told("500 > 0"), "passed: 500 = 0");
  EXPECT_EQ(told("timeouts > 10"), "failed: timeouts = 60");
  EXPECT_EQ(told("timed_out > 60"), "passed: timed_out = 60");
  EXPECT_EQ(told("connection_lost > 0"), "passed: connection_lost = 0");
  EXPECT_EQ(told("completed < 99.9%"), "passed: completed = 99.9 % (59,940 of 60,000)");
  EXPECT_EQ(told("count < 60000"), "passed: count = 60,000");
  EXPECT_EQ(told("connections > 64"), "passed: connections = 64");
}

TEST(Objective, ComparesTheRateWithItsTarget) {
  RunResult result = sample_run();
  result.load.outcomes.sent = 56'000;
  EXPECT_EQ(told("rate < 95%", result), "failed: rate = 93.3 % (933.3/s of 1,000/s)");
  EXPECT_EQ(told("rate < 933/s", result), "passed: rate = 933.3/s");
  result.target_rate.reset();
  EXPECT_EQ(told("rate < 95%", result), "undecided: there is no target rate to compare with");
}

TEST(Objective, IsOfOneRouteWhereItSaysSo) {
  EXPECT_EQ(told("route(\"GET /orders/{id}\") p99 > 4ms"), "failed: route(\"GET /orders/{id}\") p99 = 5 ms (of 2,000)");
  EXPECT_EQ(told("route(\"GET /orders/{id}\") errors > 0%"),
            "passed: route(\"GET /orders/{id}\") errors = 0 % (0 of 2,000)");
  EXPECT_EQ(told("route('GET /a,\"b\"') p99 > 4ms"),
            "undecided: route(\"GET /a,\"b\"\") p99 needs 1,000 samples, there are 10");
  EXPECT_EQ(told("route(\"GET /nothing\") p99 > 4ms"), "undecided: no request had the route \"GET /nothing\"");
}

TEST(Objective, AQuantileNeedsTenSamplesBeyondIt) {
  RunResult result = sample_run();
  const auto with = [&](std::uint64_t count) {
    result.load.outcomes.latency = histogram_of(count, [](std::uint64_t) { return ms(5); });
    return result;
  };
  EXPECT_EQ(evaluated("p99 > 1s", with(999)).state, ObjectiveState::not_decidable);
  EXPECT_EQ(evaluated("p99 > 1s", with(1'000)).state, ObjectiveState::passed);
  EXPECT_EQ(evaluated("p99.9 > 1s", with(9'999)).state, ObjectiveState::not_decidable);
  EXPECT_EQ(evaluated("p99.9 > 1s", with(10'000)).state, ObjectiveState::passed);
  EXPECT_EQ(evaluated("p50 > 1s", with(19)).state, ObjectiveState::not_decidable);
  EXPECT_EQ(evaluated("median > 1s", with(20)).state, ObjectiveState::passed);
  EXPECT_EQ(evaluated("max > 1s", with(1)).state, ObjectiveState::passed);
  EXPECT_EQ(evaluated("max > 1s", with(0)).state, ObjectiveState::not_decidable);
  EXPECT_EQ(told("p99.99 > 1s", with(10)), "undecided: p99.99 needs 100,000 samples, there are 10");
}

TEST(Objective, SharesOfNothingAreNotDecidable) {
  RunResult result = sample_run();
  EXPECT_EQ(told("status_mismatch > 0.1%", result),
            "undecided: status_mismatch is a share of nothing: there were none");
  result.load.comparison.compared = 1'000;
  result.load.comparison.status_mismatches = 2;
  EXPECT_EQ(told("status_mismatch > 0.1%", result), "failed: status_mismatch = 0.2 % (2 of 1,000)");
}

TEST(Objective, AndBindsTighterThanOr) {
  EXPECT_EQ(evaluated("5xx > 0 or 5xx > 0 and 404 > 1000").state, ObjectiveState::failed);
  EXPECT_EQ(evaluated("(5xx > 0 or 5xx > 0) and 404 > 1000").state, ObjectiveState::passed);
  EXPECT_EQ(told("p99 > 1s or errors > 1%"), "passed: p99 = 99 ms (of 59,940), errors = 0.5 % (300 of 60,000)");
}

TEST(Objective, ThreeValuesFollowKleene) {
  const std::string unknown = "different > 0%";  // nothing was compared
  const std::string holds = "5xx > 0";
  const std::string fails_not = "5xx > 1000";
  const auto state = [](const std::string& text) { return evaluated(text).state; };
  EXPECT_EQ(state(unknown), ObjectiveState::not_decidable);
  EXPECT_EQ(state(unknown + " or " + holds), ObjectiveState::failed);
  EXPECT_EQ(state(holds + " or " + unknown), ObjectiveState::failed);
  EXPECT_EQ(state(unknown + " or " + fails_not), ObjectiveState::not_decidable);
  EXPECT_EQ(state(fails_not + " or " + unknown), ObjectiveState::not_decidable);
  EXPECT_EQ(state(unknown + " and " + holds), ObjectiveState::not_decidable);
  EXPECT_EQ(state(holds + " and " + unknown), ObjectiveState::not_decidable);
  EXPECT_EQ(state(unknown + " and " + fails_not), ObjectiveState::passed);
  EXPECT_EQ(state(fails_not + " and " + unknown + " and " + holds), ObjectiveState::passed);
}

TEST(Objective, KnowsWhetherItFailedOnlyByALatencyFromDue) {
  EXPECT_TRUE(evaluated("p99 > 50ms").is_of_latency);
  EXPECT_FALSE(evaluated("p99 > 500ms").is_of_latency);
  EXPECT_FALSE(evaluated("errors > 0").is_of_latency);
  EXPECT_FALSE(evaluated("latency.service p99 > 1ms").is_of_latency);
  EXPECT_FALSE(evaluated("lateness max >= 10us").is_of_latency);
  EXPECT_FALSE(evaluated("p99 > 50ms or errors > 0").is_of_latency);
  EXPECT_TRUE(evaluated("p99 > 50ms and errors > 0").is_of_latency);
}

TEST(Objective, AllOfARunAreEvaluated) {
  RunResult result = sample_run();
  evaluate_objectives({*Objective::parse("p99 > 250ms"), *Objective::parse("5xx > 0")}, result);
  ASSERT_EQ(result.objectives.size(), 2U);
  EXPECT_EQ(result.objectives[0].text, "p99 > 250ms");
  EXPECT_EQ(result.objectives[0].state, ObjectiveState::passed);
  EXPECT_EQ(result.objectives[1].state, ObjectiveState::failed);
}

}  // namespace
}  // namespace understudy
