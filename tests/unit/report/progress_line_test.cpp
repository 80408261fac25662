#include "replay/report/progress_line.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "sample_run.hpp"

namespace understudy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

ReplayProgress halfway() {
  ReplayProgress progress;
  progress.elapsed = seconds(192);
  progress.position = 0.5;
  progress.target_rate = 1'000;
  progress.achieved_rate = 998.2;
  progress.latency_p50 = 1'234'000;
  progress.latency_p99 = 14'200'000;
  progress.errors = 12;
  progress.finished = 12'000;
  progress.lateness_p99 = 60'000;
  return progress;
}

TEST(ReplayProgress, IsOneLine) {
  EXPECT_EQ(format_replay_progress(halfway(), 120),
            "50 %  3:12 left  998.2 of 1,000/s  p50 1.23 ms  p99 14.2 ms  errors 12 (0.1 %)  late 60 us");
}

TEST(ReplayProgress, WithoutAnEndTheTimeElapsedIsTold) {
  ReplayProgress progress = halfway();
  progress.position.reset();
  progress.target_rate.reset();
  progress.errors = 0;
  progress.elapsed = seconds(3'600 + 3 * 60 + 12);
  EXPECT_EQ(format_replay_progress(progress, 120), "1:03:12  998.2/s  p50 1.23 ms  p99 14.2 ms  errors 0  late 60 us");
}

TEST(ReplayProgress, AtTheStartNothingIsGuessed) {
  EXPECT_EQ(format_replay_progress({}, 120), "0:00  0/s  p50 -  p99 -  errors 0  late -");
  ReplayProgress progress;
  progress.position = 0.0;
  EXPECT_EQ(format_replay_progress(progress, 120), "0 %  0:00  0/s  p50 -  p99 -  errors 0  late -");
}

TEST(ReplayProgress, ItsEndIsWaitedFor) {
  ReplayProgress progress = halfway();
  progress.position = 1.0;
  progress.draining = true;
  EXPECT_TRUE(format_replay_progress(progress, 120).starts_with("waiting for the last responses  100 %  3:12  998.2"));
}

TEST(ReplayProgress, PartsThatDoNotFitAreLeftOut) {
  EXPECT_EQ(format_replay_progress(halfway(), 40), "50 %  3:12 left  998.2 of 1,000/s");
  for (unsigned columns = 0; columns < 120; ++columns) {
    EXPECT_LE(format_replay_progress(halfway(), columns).size(), columns);
  }
}

TEST(ReplayProgress, IsTakenFromFigures) {
  const RunResult run = test::sample_run();
  const ReplayProgress progress = progress_of(seconds(60), run.load, run.load, seconds(30));
  EXPECT_DOUBLE_EQ(progress.achieved_rate, 2'000);
  EXPECT_EQ(progress.errors, 300U);
  EXPECT_EQ(progress.finished, 60'000U);
  EXPECT_EQ(progress.latency_p99, run.load.outcomes.latency.quantile(0.99));
  EXPECT_EQ(progress.lateness_p99, run.load.lateness.quantile(0.99));
  EXPECT_EQ(progress_of(seconds(0), {}, {}, seconds(0)).achieved_rate, 0);
}

TEST(ProgressLine, WithoutATerminalThereIsALineEveryTenSeconds) {
  std::vector<std::string> lines;
  ProgressLine line([&](const std::string& text) { lines.push_back(text); });
  const MonotonicTime start{seconds(1'000)};
  EXPECT_TRUE(line.is_due(start));
  for (int tick = 0; tick <= 25 * 20; ++tick) line.show(halfway(), start + tick * milliseconds(50));
  EXPECT_EQ(lines.size(), 2U);  // at 10 s and at 20 s
  EXPECT_EQ(lines.front(), format_replay_progress(halfway(), 200));
  EXPECT_FALSE(line.is_due(start + seconds(29)));
  EXPECT_TRUE(line.is_due(start + seconds(30)));
  line.clear();
  line.show(halfway(), start + seconds(60));
  EXPECT_EQ(lines.size(), 2U);
}

TEST(ProgressLine, QuietIsNeverDue) {
  const ProgressLine line(true);
  EXPECT_FALSE(line.is_due(MonotonicTime{seconds(1'000)}));
}

}  // namespace
}  // namespace understudy
