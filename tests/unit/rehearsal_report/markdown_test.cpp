#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay/rehearsal_report/markdown_text.hpp"
#include "replay/rehearsal_report/rehearsal_report.hpp"
#include "tests/support/files.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string example() { return test::content_of(UNDERSTUDY_SOURCE_DIR "/docs/rehearsal-example.json"); }

TEST(MarkdownText, EscapesWhatMarkdownWouldRead) {
  EXPECT_EQ(markdown_text("a*b_c `d` [e](f) <g> | h"), "a\\*b\\_c \\`d\\` \\[e\\](f) \\<g\\> \\| h");
  EXPECT_EQ(markdown_text("see https://example.com"), "see https\\://example.com");
  EXPECT_EQ(markdown_text("see WWW.example.com, 1.5 times (0.1 to 2.0): fine"),
            "see WWW\\.example.com, 1.5 times (0.1 to 2.0): fine");
  EXPECT_EQ(markdown_text("1. one"), "1\\. one");
  EXPECT_EQ(markdown_text("- a-b"), "\\- a-b");
  EXPECT_EQ(markdown_text("two\nlines\r\n# three"), "two lines  \\#\xe2\x80\x8b three");
  EXPECT_EQ(markdown_text("@everyone #12"),
            "\\@\xe2\x80\x8b"
            "everyone \\#\xe2\x80\x8b"
            "12");
}

TEST(MarkdownText, IsCutBetweenCharacters) {
  EXPECT_EQ(markdown_text("\xc3\xa4\xc3\xb6\xc3\xbc", 2), "\xc3\xa4\xc3\xb6\xe2\x80\xa6");
  EXPECT_EQ(markdown_text("abc", 3), "abc");
}

TEST(MarkdownText, HasNoControlsAndIsUtf8) {
  const std::string text = markdown_text(std::string("a\0b\x1b\xff", 5));
  EXPECT_TRUE(is_utf8(text));
  EXPECT_EQ(text.find('\0'), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(MarkdownCode, HasAFenceLongerThanWhatItHolds) {
  EXPECT_EQ(markdown_code("SELECT 1"), "`SELECT 1`");
  EXPECT_EQ(markdown_code("a``b"), "```a``b```");
  EXPECT_EQ(markdown_code("`a`"), "`` `a` ``");
  EXPECT_EQ(markdown_code("a || b"), "`a \\|\\| b`");
  EXPECT_EQ(markdown_code(""), "");
}

TEST(RehearsalMarkdown, SaysTheVerdictFirst) {
  const std::string text = rehearsal_markdown(example()).value();
  EXPECT_TRUE(text.starts_with("## \xe2\x9c\x85 improved: ")) << text;
  EXPECT_THAT(text, HasSubstr("Reads from the device fell by 95.9 %"));
  EXPECT_THAT(
      text,
      HasSubstr("| **reads from the device** | 619 a second | 25.4 a second | 0.041 \xc3\x97 (0.029 to 0.058) | "));
  EXPECT_THAT(text, HasSubstr("### What got worse\n\n- `INSERT INTO events (a, b, payload) VALUES ($1, $2, $3)`: "));
  EXPECT_THAT(text, HasSubstr("- baseline: credits last 4 h 10 min to 6 h"));
  EXPECT_THAT(text, HasSubstr("exit code 0"));
}

TEST(RehearsalMarkdown, PutsQueriesThatGotWorseInFront) {
  const std::string text = rehearsal_markdown(example()).value();
  const std::string table = text.substr(text.find("### Queries"));
  EXPECT_LT(table.find("INSERT INTO"), table.find("SELECT * FROM"));
}

TEST(RehearsalMarkdown, ShowsHostileTextAsText) {
  const std::string hostile = R"({"name":"<img src=x> | [x](javascript:y) @all","verdict":{"kind":"improved",)"
                              R"("stands_out":[{"name":"a`|`b\n| c |","text":"<script>|"}]}})";
  const std::string text = rehearsal_markdown(hostile).value();
  EXPECT_THAT(text, HasSubstr("\\<img src=x\\> \\| \\[x\\](javascript:y) \\@"));
  EXPECT_THAT(text, HasSubstr("- ``a`\\|`b \\| c \\|``: \\<script\\>\\|"));
}

TEST(RehearsalMarkdown, FitsAComment) {
  std::string classes;
  for (int i = 0; i < 500; ++i) {
    classes += (i == 0 ? "" : ",") + std::string(R"({"query":")") + std::string(2000, '|') + R"(","reason":")" +
               std::string(2000, '<') + "\"}";
  }
  std::string reasons;
  for (int i = 0; i < 500; ++i) reasons += (i == 0 ? "\"" : ",\"") + std::string(3000, '[') + "\"";
  const std::string json = R"({"query_classes":[)" + classes + R"(],"warnings":[)" + reasons +
                           R"(],"verdict":{"reasons":[)" + reasons + "]}}";
  const std::string text = rehearsal_markdown(json).value();
  EXPECT_LE(text.size(), 60'000U);
  EXPECT_THAT(text, HasSubstr("475 more"));
}

TEST(RehearsalMarkdown, TellsAnEarlyEndAndSurvivesAnEmptyDocument) {
  EXPECT_THAT(rehearsal_markdown(R"({"end":"aborted","end_reason":"the database died"})").value(),
              HasSubstr("ended early (aborted): the database died"));
  EXPECT_TRUE(rehearsal_markdown("{}").has_value());
  EXPECT_TRUE(
      rehearsal_markdown(R"({"metrics":3,"verdict":[],"query_classes":{"a":1},"routes":[1,null,"x"]})").has_value());
  EXPECT_FALSE(rehearsal_markdown("[]").has_value());
}

}  // namespace
}  // namespace understudy
