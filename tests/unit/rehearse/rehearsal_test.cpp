// The order of a rehearsal, with a driver that plays nothing; servers are real in tests/end_to_end/rehearse_test.py.
#include "replay/rehearse/rehearsal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/files.hpp"
#include "tests/unit/rehearse/rehearse_fixture.hpp"

namespace understudy {
namespace {

using rehearse_test::plan_with;
using testing::HasSubstr;
using testing::SizeIs;

class PlainDriver final : public ReplayDriver {
 public:
  Result<void> check(const std::string& url) override {
    if (url == refused_url) return fail(ExitCode::usage, "--rate is wrong");
    return {};
  }
  Result<PlayedRun> play(const PlayOrder& order) override {
    orders.push_back(order);
    if (orders.size() == fails_at) return fail(ExitCode::recording_unreadable, "the recording is gone");
    PlayedRun played;
    const double shake = 1 + 0.01 * static_cast<double>(orders.size() % 3);
    played.result = rehearse_test::played_run((order.side == RunSide::candidate ? 30 : 10) * shake);
    if (orders.size() == stops_at) {
      stopped = true;
      played.result.end = RunEnd::interrupted;
      played.result.end_reason = "a signal asked to stop";
    }
    return played;
  }
  bool stop_requested() const override { return stopped; }

  std::vector<PlayOrder> orders;
  std::string refused_url;
  std::size_t fails_at = 0;
  std::size_t stops_at = 0;
  bool stopped = false;
};

class NoPause final : public Pause {
 public:
  bool wait(Nanoseconds) override { return false; }
};

class RehearsalTest : public testing::Test {
 protected:
  [[nodiscard]] Result<RehearsalOutcome> run(const RehearsalPlan& plan, bool resume = false) {
    const RehearsalOptions options{out(), resume, "test"};
    return rehearse(plan, options, driver, pause, [this](const std::string& line) { progress += line + "\n"; });
  }
  [[nodiscard]] std::string out() const { return (folder.path() / "results").string(); }
  [[nodiscard]] std::string file(const std::string& name) const {
    return test::content_of(folder.path() / "results" / name);
  }

  test::TemporaryFolder folder;
  PlainDriver driver;
  NoPause pause;
  std::string progress;
};

TEST_F(RehearsalTest, PlaysEveryRunAndJudges) {
  const auto outcome = run(plan_with());
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_THAT(driver.orders, SizeIs(20));
  EXPECT_EQ(outcome->judged.verdict, RehearsalVerdict::regressed);
  EXPECT_EQ(outcome->exit_code, ExitCode::regressed);
  EXPECT_THAT(file("rehearsal.json"), HasSubstr(R"("kind":"regressed")"));
  EXPECT_FALSE(file("junit.xml").empty());
  EXPECT_FALSE(file("runs/020-candidate/record.json").empty() && file("runs/020-baseline/record.json").empty());
  EXPECT_THAT(progress, HasSubstr("pair 8, "));
}

TEST_F(RehearsalTest, WarmUpIsPlayedBeforeEachRunAndNotKept) {
  ASSERT_TRUE(run(plan_with("[pairs]\ncount = 1\naa = 0\nwarm-up = \"3s\"\n")).has_value());
  ASSERT_THAT(driver.orders, SizeIs(4));
  EXPECT_EQ(driver.orders[0].length, std::chrono::seconds(3));
  EXPECT_EQ(driver.orders[0].out_folder, "");
  EXPECT_EQ(driver.orders[1].length, std::nullopt);
  EXPECT_EQ(driver.orders[1].side, RunSide::baseline);
}

TEST_F(RehearsalTest, CommandsRunInTheirOrderAndTheirOutputIsKept) {
  RehearsalPlan plan = plan_with("[pairs]\ncount = 1\naa = 0\n");
  const std::string log = (folder.path() / "log").string();
  plan.baseline.clone = "echo clone $UNDERSTUDY_SIDE >> " + log;
  plan.candidate.migrate = "echo migrated; echo migrate >> " + log;
  plan.candidate.restart = "echo restart >> " + log;
  plan.candidate.cache_reset = "echo reset >> " + log;
  const auto outcome = run(plan);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(test::content_of(log), "clone baseline\nmigrate\nrestart\nreset\n");
  ASSERT_THAT(outcome->state.steps, SizeIs(2));
  EXPECT_EQ(outcome->state.steps[1].name, "migrate");
  EXPECT_EQ(outcome->state.steps[1].output, "migrated\n");
}

TEST_F(RehearsalTest, AMigrationThatFailsEndsItWithItsOutput) {
  RehearsalPlan plan = plan_with();
  plan.candidate.migrate = "echo 'ERROR: no such table'; exit 3";
  const auto outcome = run(plan);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_THAT(driver.orders, SizeIs(0));
  EXPECT_EQ(outcome->exit_code, ExitCode::environment_unfit);
  EXPECT_THAT(outcome->failure->message, HasSubstr("'migrate' ended with 3: ERROR: no such table"));
  EXPECT_THAT(file("steps/migrate.txt"), HasSubstr("no such table"));
  EXPECT_THAT(file("rehearsal.json"), HasSubstr(R"("end":"failed")"));
}

TEST_F(RehearsalTest, AFailureInTheMiddleKeepsWhatWasMeasured) {
  driver.fails_at = 8;
  const auto outcome = run(plan_with());
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->exit_code, ExitCode::recording_unreadable);
  EXPECT_THAT(outcome->records, SizeIs(7));
  EXPECT_EQ(outcome->judged.verdict, RehearsalVerdict::inconclusive);
  EXPECT_FALSE(file("runs/007-candidate/record.json").empty());
}

TEST_F(RehearsalTest, ASignalInTheWarmUpEndsIt) {
  driver.stops_at = 1;
  const auto outcome = run(plan_with("[pairs]\nwarm-up = \"1s\"\n"));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_THAT(driver.orders, SizeIs(1));
  EXPECT_EQ(outcome->state.end, "interrupted");
  EXPECT_EQ(outcome->exit_code, ExitCode::aborted);
}

TEST_F(RehearsalTest, ResumeGoesOnWhereItEnded) {
  driver.stops_at = 8;  // the second run of the second pair (runs 7 and 8)
  auto outcome = run(plan_with());
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->state.end, "interrupted");
  EXPECT_EQ(outcome->exit_code, ExitCode::aborted);
  PlainDriver second;
  driver = second;
  outcome = run(plan_with(), true);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(outcome->state.end, "whole");
  EXPECT_THAT(outcome->records, SizeIs(20));
  EXPECT_EQ(driver.orders.size(), 12U);
}

TEST_F(RehearsalTest, ResumePlaysAHalfPairAnew) {
  driver.fails_at = 8;
  ASSERT_TRUE(run(plan_with()).has_value());
  PlainDriver second;
  driver = second;
  ASSERT_TRUE(run(plan_with(), true).has_value());
  EXPECT_EQ(driver.orders.size(), 14U);  // 20 less the six of whole pairs
  EXPECT_FALSE(file("runs/007-candidate.1/record.json").empty());
}

TEST_F(RehearsalTest, ResumeWantsTheSamePlan) {
  driver.fails_at = 8;
  ASSERT_TRUE(run(plan_with()).has_value());
  const auto resumed = run(plan_with("[sessions]\nconnections = 1\n"), true);
  ASSERT_FALSE(resumed.has_value());
  EXPECT_THAT(resumed.error().message, HasSubstr("had another plan"));
}

TEST_F(RehearsalTest, AFolderIsNotUsedTwice) {
  ASSERT_TRUE(run(plan_with("[pairs]\ncount = 1\naa = 0\n")).has_value());
  const auto again = run(plan_with("[pairs]\ncount = 1\naa = 0\n"));
  ASSERT_FALSE(again.has_value());
  EXPECT_THAT(again.error().message, HasSubstr("holds a rehearsal already"));
}

TEST_F(RehearsalTest, JudgingAnewGivesTheSameVerdictOrThatOfANewMethod) {
  ASSERT_TRUE(run(plan_with()).has_value());
  const RehearsalOptions options{out(), false, "test"};
  EXPECT_EQ(judge_results(plan_with(), options)->judged.verdict, RehearsalVerdict::regressed);
  EXPECT_EQ(judge_results(plan_with("margin = 50\n"), options)->judged.verdict, RehearsalVerdict::equivalent);
  std::filesystem::resize_file(folder.path() / "results/runs/001-baseline/record.json", 100);
  EXPECT_THAT(judge_results(plan_with(), options).error().message, HasSubstr("is damaged"));
}

TEST_F(RehearsalTest, AFlagThatIsWrongNamesItsLineBeforeAnythingIsDone) {
  driver.refused_url = "http://127.0.0.1:8082";
  const auto outcome = run(plan_with());
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().message, "plan.toml:11: --rate is wrong");
  EXPECT_FALSE(std::filesystem::exists(out()));
}

}  // namespace
}  // namespace understudy
