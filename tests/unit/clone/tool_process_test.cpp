#include "replay/clone/tool_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "replay/clone/postgres_tools.hpp"
#include "replay/clone/shell_step.hpp"
#include "tests/support/files.hpp"

namespace understudy {
namespace {

using testing::HasSubstr;

class ToolProcess : public testing::Test {
 protected:
  [[nodiscard]] ToolCommand shell(const std::string& script) const { return {{script}, {}, output_, true}; }

  test::TemporaryFolder folder_;
  const std::string output_ = (folder_.path() / "output").string();
};

TEST_F(ToolProcess, TellsHowItEndedAndKeepsWhatItWrote) {
  const auto good = run_tool(shell("echo out; echo err >&2; cat"), {});
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->exit_code, 0);
  EXPECT_EQ(tool_output(output_, 100), "out\nerr\n");
  EXPECT_EQ(tool_output(output_, 4), "err\n");
  EXPECT_EQ(tool_output_end(output_), "out err");
  EXPECT_EQ(run_tool(shell("exit 7"), {})->exit_code, 7);
  EXPECT_EQ(tool_output(output_, 100), "");  // replaced
  EXPECT_EQ(run_tool(shell("kill -9 $$"), {})->exit_code, 137);
  EXPECT_EQ(std::filesystem::status(output_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(ToolProcess, GivesItsEnvironmentAndNoArgumentMore) {
  ::setenv("UNDERSTUDY_TEST_OLD", "old", 1);
  ToolCommand command = shell("echo $UNDERSTUDY_TEST_OLD $PGPASSWORD; tr '\\0' ' ' </proc/$$/cmdline");
  command.environment = {{"UNDERSTUDY_TEST_OLD", "new"}, {"PGPASSWORD", "geheim"}};
  ASSERT_TRUE(run_tool(command, {}));
  const std::string output = tool_output(output_, 1000);
  EXPECT_THAT(output, HasSubstr("new geheim\n"));
  EXPECT_THAT(output.substr(output.find('\n')), testing::Not(HasSubstr("geheim")));
}

TEST_F(ToolProcess, WhatCannotBeStartedIsTold) {
  const auto missing = run_tool({{"/nowhere/pg_dump"}, {}, output_}, {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ExitCode::configuration);
  EXPECT_THAT(missing.error().message, HasSubstr("/nowhere/pg_dump"));
  EXPECT_EQ(run_tool({{"/bin/true"}, {}, "/nowhere/output"}, {}).error().code, ExitCode::output_failed);
}

TEST_F(ToolProcess, AStopEndsItWithAllThatItStarted) {
  const std::string child_file = (folder_.path() / "child").string();
  std::stop_source stop;
  std::thread asker([&] {
    while (test::content_of(child_file).find('\n') == std::string::npos) std::this_thread::yield();
    stop.request_stop();
  });
  const auto ended = run_tool(shell("sleep 1000 & echo $! > " + child_file + "; wait"), stop.get_token());
  asker.join();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ExitCode::aborted);
  const std::string status = "/proc/" + std::to_string(std::stoi(test::content_of(child_file))) + "/stat";
  // Ended, and perhaps not yet reaped by whoever took it over.
  const std::string stat = test::content_of(status);
  EXPECT_TRUE(stat.empty() || stat.find(") Z ") != std::string::npos || stat.find(") X ") != std::string::npos) << stat;
}

TEST_F(ToolProcess, AShellStepHasItsOutputOrItsFailure) {
  const StepEnvironment environment = step_environment("a", "/srv/clones/candidate");
  const auto output = run_shell_step("echo $UNDERSTUDY_CLONE_ID $UNDERSTUDY_CLONE_FOLDER", environment, output_, {});
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(*output, "a /srv/clones/candidate\n");
  const auto failed = run_shell_step("echo broken; exit 2", environment, output_, {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ExitCode::clone_failed);
  EXPECT_THAT(failed.error().message, testing::AllOf(HasSubstr("exit code 2: broken"), HasSubstr(output_)));
}

TEST(PostgresTools, ReadsTheVersionOfATool) {
  EXPECT_EQ(tool_major_version("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), 15);
  EXPECT_EQ(tool_major_version("pg_dump (PostgreSQL) 18beta1\n"), 18);
  EXPECT_EQ(tool_major_version("usage: pg_dump"), 0);
}

}  // namespace
}  // namespace understudy
