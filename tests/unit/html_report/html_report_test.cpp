#include "replay/html_report/html_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "replay/html_report/report_document.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

// A document of one string, which stands where a query does.
std::string document_with(std::string_view text) {
  std::string quoted;
  append_json_string(quoted, text);
  return R"({"schema":1,"name":)" + quoted + R"(,"query_classes":[{"query":)" + quoted + "}]}";
}

std::string page_of(std::string_view json, HtmlReportKind kind = HtmlReportKind::rehearsal) {
  const Result<std::string> page = html_report(kind, json);
  EXPECT_TRUE(page.has_value()) << page.error().message;
  return page.value_or("");
}

const std::vector<std::string> hostile_texts = {
    "</script><script>alert(1)</script>",
    "</SCRIPT ><img src=x onerror=alert(1)>",
    "<!--<script>",
    "]]>",
    "\xe2\x80\xa8 and \xe2\x80\xa9",
    "&lt;/script&gt; &amp; &#60;",
    "SELECT '\\u003c/script\\u003e' -- \"quoted\" \\",
    std::string("nul \0 and \x1b[31m", 15),
    "invalid \xff\xfe\xc3 bytes",
    "../../etc/passwd?<svg/onload=alert(1)>#\"'`",
};

TEST(JsonForScript, KeepsTheValueAndNoMarkup) {
  for (const std::string& text : hostile_texts) {
    const std::string json = document_with(text);
    const std::string escaped = json_for_script(json);
    EXPECT_EQ(escaped.find_first_of("<>&"), std::string::npos) << escaped;
    EXPECT_THAT(escaped, Not(HasSubstr("\xe2\x80\xa8")));
    EXPECT_THAT(escaped, Not(HasSubstr("\xe2\x80\xa9")));
    EXPECT_EQ(boost::json::parse(escaped), boost::json::parse(json)) << escaped;
  }
}

TEST(JsonForScript, LeavesOtherTextAlone) {
  const std::string json = R"({"a":"\u00fc \ud83d\ude00","b":[1,-2.5e3,true,null]})";
  EXPECT_EQ(json_for_script(json), json);
  EXPECT_EQ(json_for_script("\"\xe2\x82\xac\xe2\x80\xa7\""), "\"\xe2\x82\xac\xe2\x80\xa7\"");
}

TEST(HtmlReport, HoldsTheDocumentInADataBlockThatItCannotLeave) {
  const std::size_t scripts = count(page_of("{}"), "<script");
  const std::size_t ends = count(page_of("{}"), "</script");
  for (const std::string& text : hostile_texts) {
    const std::string page = page_of(document_with(text));
    EXPECT_EQ(count(page, "<script"), scripts) << text;
    EXPECT_EQ(count(page, "</script"), ends) << text;
    EXPECT_EQ(count(page, "<img"), 0U);
    EXPECT_EQ(count(page, "<svg"), 0U);
  }
}

TEST(HtmlReport, IsSmallWithoutItsDocument) {
  for (const HtmlReportKind kind : {HtmlReportKind::rehearsal, HtmlReportKind::replay}) {
    EXPECT_LE(page_of("{}", kind).size(), html_report_bytes_max);
  }
}

TEST(HtmlReport, ForbidsRequestsAndForeignScripts) {
  const std::string page = page_of("{}");
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, HasSubstr("script-src 'sha256-"));
  EXPECT_THAT(page, HasSubstr("style-src 'sha256-"));
  EXPECT_THAT(page, Not(HasSubstr("unsafe-")));
  EXPECT_THAT(page, Not(HasSubstr(" src=")));
  EXPECT_THAT(page, Not(HasSubstr("@import")));
}

TEST(HtmlReport, CarriesTheChartLibraryWithItsLicenceOrSaysThatItDoesNot) {
  const std::string page = page_of("{}");
  EXPECT_EQ(html_report_has_charts(), count(page, "Permission is hereby granted") == 1);
  EXPECT_EQ(html_report_has_charts(), count(page, "var uPlot=") == 1);
}

TEST(HtmlReport, TellsTheKindOfItsDocument) {
  EXPECT_THAT(page_of("{}", HtmlReportKind::rehearsal), HasSubstr("data-kind=\"rehearsal\""));
  EXPECT_THAT(page_of("{}", HtmlReportKind::replay), HasSubstr("data-kind=\"replay\""));
}

TEST(HtmlReport, RefusesWhatIsNoJsonObject) {
  const std::string deep = "{\"a\":" + std::string(200, '[') + std::string(200, ']') + "}";
  for (const std::string& text : {std::string(), std::string("{"), std::string("[]"), std::string("{} {}"),
                                  std::string("{\"a\":\"\xff\"}"), std::string("</script>"), deep}) {
    const Result<std::string> page = html_report(HtmlReportKind::rehearsal, text);
    ASSERT_FALSE(page.has_value()) << text;
    EXPECT_EQ(page.error().code, ExitCode::internal);
    EXPECT_THAT(page.error().message, HasSubstr("no JSON object"));
  }
}

}  // namespace
}  // namespace understudy
