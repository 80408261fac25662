#include <gtest/gtest.h>

#include <sstream>

#include "replay/report/objective.hpp"
#include "replay/report/reports.hpp"
#include "replay/report/verdict.hpp"
#include "sample_run.hpp"

namespace understudy {
namespace {

using test::sample_run;

std::string summary_of(RunResult result, const std::vector<std::string>& objectives) {
  std::vector<Objective> parsed;
  for (const std::string& text : objectives) parsed.push_back(Objective::parse(text).value());
  evaluate_objectives(parsed, result);
  assess_generator(result);
  judge({}, result);
  return summary_text(result);
}

TEST(Summary, TellsARunInAPage) {
  EXPECT_EQ(summary_of(sample_run(), {"p99 > 250ms", "errors > 0.1%", "p99.999 > 1s"}),
            R"(FAIL       1 of 3 objectives passed
  pass fail if p99 > 250ms                  p99 = 99 ms (of 59,940)
  FAIL fail if errors > 0.1%                errors = 0.5 % (300 of 60,000)
  ?    fail if p99.999 > 1s                 p99.999 needs 1,000,000 samples, there are 59,940

Target     http://candidate:8080
Load       1,000/s for 1 min (1 min, 60,000 requests)
Rate       1,000/s of 1,000/s (100 %), 60,000 requests in 1 min
Generator  itself late by p50 10 us, p99 10 us, max 10 us; sender threads at 31 %, 28 % of a core
Traffic    6 MiB sent, 60 MiB received, 64 connections opened
Latency                    p50       p90       p99     p99.9       max      mean
           from due      50 ms     90 ms     99 ms    100 ms    100 ms   50.5 ms
           from sent     25 ms     45 ms   49.5 ms     50 ms     50 ms   25.2 ms
Outcomes   2xx 59,400, 4xx 300, 5xx 240, lost 60; errors 300 (0.5 %)
Statuses   200 59,400, 404 300, 503 240
Lost       timed_out 60
Recording  60,000 exchanges of 1 file (take), complete
)");
}

TEST(Summary, TellsWhatWasLeftOutComparedAndWrong) {
  RunResult result = sample_run();
  result.identity.baseline = "http://current";
  result.baseline = result.load;
  result.load.wait = test::histogram_of(1'000, [](std::uint64_t) { return test::ms(7); });
  result.load.comparison = {.compared = 1'000, .different = 12, .status_mismatches = 2, .not_comparable = 3};
  result.differences_text = "GET /x  status 200 -> 500  12\n  first: GET /x?id=1\n";
  result.held_back = {{"writes", 1'200}, {"denied", 4}};
  result.warm_up = std::chrono::seconds(10);
  result.excluded = 10'000;
  result.identity.recording.completeness = Completeness::incomplete;
  result.identity.recording.damages = 2;
  result.load.lateness = test::histogram_of(1'000, [](std::uint64_t) { return test::ms(23); });
  result.end = RunEnd::interrupted;
  result.end_reason = "a signal asked to stop";
  const std::string text = summary_of(result, {"p99 > 250ms"});
  for (const char* line : {"UNDECIDED  1 of 1 objectives passed\n",
                           "WARNING    the generator was the bottleneck: the generator itself turned",
                           "WARNING    ended early: a signal asked to stop\n", "Baseline   http://current\n",
                           "           baseline      50 ms", "           waited         7 ms",
                           "Compared   1,000 pairs: 12 differ (1.2 %), 2 in status; 3 not comparable\n",
                           "           GET /x  status 200 -> 500  12\n", "             first: GET /x?id=1\n",
                           "Held back  1,204 requests were not sent: writes 1,200, denied 4\n",
                           "Left out   10,000 requests of the warm-up (10 s) and the cool-down (0)\n",
                           "Recording  60,000 exchanges of 1 file (take), not complete, 2 damaged stretches\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
  }
  EXPECT_EQ(text.find("a signal asked to stop"), text.rfind("a signal asked to stop")) << "told once\n" << text;
}

TEST(Summary, OfAnEmptyRunHasNoNumbersMadeUp) {
  const std::string text = summary_of(RunResult{}, {});
  EXPECT_TRUE(text.starts_with("DONE       no objectives were given\n")) << text;
  EXPECT_NE(text.find("Rate       0/s, 0 requests in 0\n"), std::string::npos) << text;
  EXPECT_NE(text.find("from due          -\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("nan"), std::string::npos) << text;
}

TEST(Summary, IsSafeOnATerminal) {
  RunResult result = sample_run();
  result.identity.target = "http://evil\x1b[2J";
  result.differences_text = "GET /\x1b]0;x\x07\n";
  result.load.comparison.compared = 1;
  result.end = RunEnd::aborted;
  result.end_reason = "\x1b[31m";
  const std::string text = summary_of(result, {});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
}

}  // namespace
}  // namespace understudy
