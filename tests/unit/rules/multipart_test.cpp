#include "traffic/rules/multipart.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace understudy {
namespace {

std::string part(std::string_view name, std::string_view content) {
  return "--XX\r\nContent-Disposition: form-data; filename=\"name=f; x\"; name=\"" + std::string(name) +
         "\"\r\nContent-Type: text/plain\r\n\r\n" + std::string(content) + "\r\n";
}

std::string replaced(std::string_view body, std::string_view boundary = "XX") {
  const auto out = replace_parts(
      body, boundary,
      [](std::string_view name, std::string_view) -> std::optional<std::string> {
        if (name != "secret") return std::nullopt;
        return "*";
      },
      [](std::string_view) { return "#"; });
  return out.value_or("unchanged");
}

TEST(MultipartBoundary, IsFoundQuotedOrNot) {
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=XX"), "XX");
  EXPECT_EQ(multipart_boundary("multipart/form-data; charset=utf-8; Boundary=\"a; \\\"b\""), "a; \"b");
  EXPECT_EQ(multipart_boundary("multipart/form-data"), "");
  EXPECT_EQ(multipart_boundary("boundary"), "");
}

TEST(ReplaceParts, ReplacesThePartsOfAName) {
  EXPECT_EQ(replaced(part("a", "1") + part("secret", "s\r\n--X no delimiter") + part("b", "2") + "--XX--\r\n"),
            part("a", "1") + part("secret", "*") + part("b", "2") + "--XX--\r\n");
  EXPECT_EQ(replaced("preamble\r\n" + part("secret", "") + part("secret", "2") + "--XX--"),
            "preamble\r\n" + part("secret", "*") + part("secret", "*") + "--XX--");
}

TEST(ReplaceParts, LeavesOtherBodiesUntouched) {
  EXPECT_EQ(replaced(part("a", "secret") + "--XX--\r\n"), "unchanged");
  EXPECT_EQ(replaced("--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n--XX--"), "unchanged");
}

TEST(ReplaceParts, ACutPartIsReplacedToTheEnd) {
  EXPECT_EQ(replaced(part("a", "1") + part("secret", "cut off")),
            part("a", "1") + part("secret", "").substr(0, part("secret", "").size() - 2) + "*");
  EXPECT_EQ(replaced(part("a", "1") + part("b", "cut off")), "unchanged");
}

TEST(ReplaceParts, DamageIsHidden) {
  EXPECT_EQ(replaced("no delimiter at all"), "#");
  EXPECT_EQ(replaced(part("secret", "1"), ""), "#");
  EXPECT_EQ(replaced(part("a", "1") + "--XX\r\nContent-Disposition: form-data; name=\"secr"), part("a", "1") + "--XX#");
}

TEST(ReplaceParts, ACutNeverShowsTheSecret) {
  const std::string body = part("a", "1") + part("secret", "opensesame") + part("b", "2") + "--XX--";
  for (std::size_t size = 0; size <= body.size(); ++size) {
    std::string cut = body.substr(0, size);
    const std::string out = replaced(cut);
    EXPECT_EQ((out == "unchanged" ? cut : out).find("opens"), std::string::npos) << cut;
  }
}

}  // namespace
}  // namespace understudy
