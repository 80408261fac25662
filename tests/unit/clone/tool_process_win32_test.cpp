#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay/clone/shell_step.hpp"
#include "replay/clone/tool_process.hpp"
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
  const auto good = run_tool(shell(R"(echo "out"&& echo err 1>&2)"), {});
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->exit_code, 0);
  EXPECT_EQ(tool_output(output_, 100), "\"out\"\r\nerr \r\n");
  EXPECT_EQ(run_tool(shell("exit 7"), {})->exit_code, 7);
  EXPECT_EQ(tool_output(output_, 100), "");  // replaced
}

TEST_F(ToolProcess, GivesItsEnvironment) {
  ToolCommand command = shell("echo %PGPASSWORD% %understudy_test%");
  command.environment = {{"PGPASSWORD", "geheim"}, {"UNDERSTUDY_TEST", "\xC3\xA4"}};
  ASSERT_TRUE(run_tool(command, {}));
  EXPECT_THAT(tool_output(output_, 1000), HasSubstr("geheim "));
}

TEST_F(ToolProcess, WhatCannotBeStartedIsTold) {
  const auto missing = run_tool({{"C:\\nowhere\\pg_dump.exe"}, {}, output_}, {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ExitCode::configuration);
  EXPECT_THAT(missing.error().message, HasSubstr("pg_dump"));
  EXPECT_EQ(run_tool(shell("exit 0"), {}).value().exit_code, 0);
  ToolCommand nowhere = shell("exit 0");
  nowhere.output_file = "C:\\nowhere\\output";
  EXPECT_EQ(run_tool(nowhere, {}).error().code, ExitCode::output_failed);
}

TEST_F(ToolProcess, AStopEndsIt) {
  std::stop_source stop;
  stop.request_stop();
  const auto ended = run_tool({{"ping.exe", "-n", "1000", "127.0.0.1"}, {}, output_}, stop.get_token());
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ExitCode::aborted);
}

TEST_F(ToolProcess, AShellStepHasItsOutputOrItsFailure) {
  const StepEnvironment environment = step_environment("a", "C:\\clones\\candidate");
  const auto output = run_shell_step("echo %UNDERSTUDY_CLONE_ID% %UNDERSTUDY_CLONE_FOLDER%", environment, output_, {});
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(*output, "a C:\\clones\\candidate\r\n");
  const auto failed = run_shell_step("echo broken && exit 3", environment, output_, {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ExitCode::clone_failed);
  EXPECT_THAT(failed.error().message, testing::AllOf(HasSubstr("exit code 3"), HasSubstr("broken")));
}

}  // namespace
}  // namespace understudy
