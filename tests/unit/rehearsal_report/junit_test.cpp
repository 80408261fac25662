#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay/rehearsal_report/rehearsal_report.hpp"
#include "tests/support/files.hpp"

namespace understudy {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string junit(std::string_view json) { return rehearsal_junit(json).value(); }

TEST(RehearsalJunit, HasACaseForTheVerdictAndEachPart) {
  const std::string xml = junit(test::content_of(UNDERSTUDY_SOURCE_DIR "/docs/rehearsal-example.json"));
  EXPECT_THAT(xml, HasSubstr(R"(<testsuite name="rehearsal" tests="2" failures="0" errors="0" skipped="0")"));
  EXPECT_THAT(xml, HasSubstr(R"(timestamp="2026-03-02T09:00:00">)"));
  EXPECT_THAT(xml, HasSubstr(R"(<testsuite name="rehearsal.queries" tests="3" failures="1" errors="0" skipped="1")"));
  EXPECT_THAT(xml, HasSubstr("name=\"INSERT INTO events (a, b, payload) VALUES ($1, $2, $3)\">\n      <failure"));
  EXPECT_THAT(xml, HasSubstr(R"(<testsuite name="rehearsal.tests" tests="1" failures="0")"));
}

TEST(RehearsalJunit, MakesRegressedAFailureAndInconclusiveAnError) {
  EXPECT_THAT(junit(R"({"verdict":{"kind":"regressed","headline":"slower"}})"),
              HasSubstr(R"(<failure message="slower" type="regressed"/>)"));
  EXPECT_THAT(junit(R"({"verdict":{"kind":"inconclusive","headline":"too few"}})"),
              HasSubstr(R"(<error message="too few" type="inconclusive"/>)"));
  EXPECT_THAT(junit(R"({"verdict":{"kind":"equivalent"}})"), HasSubstr(R"(failures="0" errors="0")"));
  EXPECT_THAT(junit("{}"), HasSubstr("<error"));  // no verdict is none
}

TEST(RehearsalJunit, JudgesObjectivesAndSmokeTests) {
  const std::string xml = junit(R"({"objectives":[{"text":"p99 > 1s","state":"failed","measured":"p99 = 2 s"},)"
                                R"({"text":"x","state":"not_decidable","reason":"too few"}],)"
                                R"("environment":{"tests":{"tests":[{"name":"A","change":"broken","error":"oops"},)"
                                R"({"name":"B","change":"still_failing"},{"name":"C","change":"repaired"}]}}})");
  EXPECT_THAT(xml, HasSubstr(R"(<failure message="p99 = 2 s" type="objective"/>)"));
  EXPECT_THAT(xml, HasSubstr(R"(<error message="too few" type="not decidable"/>)"));
  EXPECT_THAT(xml, HasSubstr(R"(<testsuite name="rehearsal.tests" tests="3" failures="1" errors="0" skipped="1")"));
}

TEST(RehearsalJunit, EscapesHostileText) {
  const std::string xml = junit(R"({"verdict":{"kind":"regressed","headline":"\"><evil a='&' \u0000 ]]>"},)"
                                R"("query_classes":[{"query":"</testsuites>","verdict":"improved","reason":"<!--"}]})");
  EXPECT_THAT(xml, Not(HasSubstr("<evil")));
  EXPECT_THAT(xml, Not(HasSubstr("<!--")));
  EXPECT_THAT(xml, HasSubstr("&lt;/testsuites&gt;"));
  EXPECT_EQ(xml.find('\0'), std::string::npos);
  EXPECT_EQ(xml.find("</testsuites>"), xml.size() - std::string_view("</testsuites>\n").size());
}

}  // namespace
}  // namespace understudy
