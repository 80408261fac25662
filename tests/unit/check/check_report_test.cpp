#include "agent/check/check_report.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

CheckReport sample() {
  return {{{"permission", "", CheckStatus::ok, "packets may be captured", {}, ""},
           {"interfaces", "", CheckStatus::warning, "eth9 is down", {"eth0, up", "eth9, down"}, "wait"},
           {"tls", "https://a", CheckStatus::failed, "bad \x1b[2J \"name\"", {}, "renew it"},
           {"shadow", "https://a", CheckStatus::skipped, "not tried", {}, ""}}};
}

TEST(CheckReport, TextForPeople) {
  EXPECT_EQ(format_check_report(sample()),
            "ok       permission    packets may be captured\n"
            "warning  interfaces    eth9 is down\n"
            "                         eth0, up\n"
            "                         eth9, down\n"
            "                       -> wait\n"
            "failed   tls           https://a: bad \\u001b[2J \"name\"\n"
            "                       -> renew it\n"
            "skipped  shadow        https://a: not tried\n"
            "\n"
            "A mirror would not work: 1 check failed.\n");
}

TEST(CheckReport, JsonForPrograms) {
  CheckReport report = sample();
  report.items.erase(report.items.begin(), report.items.begin() + 2);
  EXPECT_EQ(
      check_report_json(report),
      R"({"would_work":false,"checks":[{"name":"tls","about":"https://a","status":"failed",)"
      R"("found":"bad \u001b[2J \"name\"","details":[],"advice":"renew it"},{"name":"shadow","about":"https://a",)"
      R"("status":"skipped","found":"not tried","details":[],"advice":""}]})");
}

TEST(CheckReport, OnlyAFailureStopsAMirror) {
  CheckReport report = sample();
  EXPECT_FALSE(report.would_work());
  report.items[2].status = CheckStatus::ok;
  EXPECT_TRUE(report.would_work());
  EXPECT_TRUE(format_check_report(report).ends_with("\nA mirror would work, with 1 warning.\n"));
  report.items.resize(1);
  EXPECT_TRUE(format_check_report(report).ends_with("\nA mirror would work.\n"));
}

}  // namespace
}  // namespace understudy
