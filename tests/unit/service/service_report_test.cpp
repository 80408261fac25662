#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/service/service.hpp"

namespace understudy {
namespace {

using testing::HasSubstr;
using testing::Not;

ServiceReport sample() {
  ServiceReport report;
  report.action = ServiceAction::install;
  report.message = "The service understudy-agent is installed and runs.";
  report.outage = std::chrono::milliseconds(640);
  report.status = {.name = "understudy-agent",
                   .state = ServiceState::running,
                   .start = ServiceStart::automatic,
                   .pid = 42,
                   .program = R"(C:\Program Files\Understudy\understudy-agent.exe)",
                   .config = R"(C:\ProgramData\Understudy\agent.toml)",
                   .ended = {},
                   .failure = {}};
  return report;
}

TEST(ServiceReport, TextNamesTheStateAndTheOutage) {
  const std::string text = format_service_report(sample());
  for (const char* part : {"is installed and runs", "running", "automatic", "42", "640 ms", "agent.toml"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(ServiceReport, TextOfAMissingServiceIsItsMessage) {
  ServiceReport report;
  report.message = "It is not installed.";
  EXPECT_EQ(format_service_report(report), "It is not installed.\n");
}

TEST(ServiceReport, TextIsSafeForATerminal) {
  ServiceReport report = sample();
  report.status.failure = "bad\x1b[31m\nline";
  EXPECT_THAT(format_service_report(report), Not(HasSubstr("\x1b")));
}

TEST(ServiceReport, JsonIsOneLineWithEveryMember) {
  ServiceReport report = sample();
  report.warnings = {"no \"SID\""};
  report.status.ended = 9;
  EXPECT_EQ(service_report_json(report),
            R"({"action":"install","code":0,"message":"The service understudy-agent is installed and runs.",)"
            R"("outage_ms":640,"warnings":["no \"SID\""],"service":{"name":"understudy-agent","state":"running",)"
            R"("start":"automatic","pid":42,"program":"C:\\Program Files\\Understudy\\understudy-agent.exe",)"
            R"("config":"C:\\ProgramData\\Understudy\\agent.toml","exit_code":9,"failure":""}})");
}

TEST(ServiceReport, ActionsHaveTheirNames) {
  EXPECT_EQ(*parse_service_action("restart"), ServiceAction::restart);
  const auto wrong = parse_service_action("reinstall");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ExitCode::usage);
  EXPECT_THAT(wrong.error().message, HasSubstr("uninstall"));
}

}  // namespace
}  // namespace understudy
