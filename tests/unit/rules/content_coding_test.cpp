#include "traffic/rules/content_coding.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/messages.hpp"

namespace understudy {
namespace {

ContentCoding coding_with(std::string_view fields) {
  return content_coding_of(test::capture_get("/", fields)->message);
}

TEST(ContentCodingOf, KnowsOneCoding) {
  EXPECT_EQ(coding_with(""), ContentCoding::identity);
  EXPECT_EQ(coding_with("Content-Encoding: identity\r\n"), ContentCoding::identity);
  EXPECT_EQ(coding_with("Content-Encoding: GZIP\r\n"), ContentCoding::gzip);
  EXPECT_EQ(coding_with("content-encoding: x-gzip\r\n"), ContentCoding::gzip);
  EXPECT_EQ(coding_with("Content-Encoding: deflate\r\n"), ContentCoding::deflate);
  EXPECT_EQ(coding_with("Content-Encoding: br\r\n"), ContentCoding::other);
  EXPECT_EQ(coding_with("Content-Encoding: gzip, gzip\r\n"), ContentCoding::other);
  EXPECT_EQ(coding_with("Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n"), ContentCoding::other);
}

TEST(DecodeContent, UndoesEncode) {
  std::string text;
  for (unsigned i = 0; i < 50'000; ++i) text += std::to_string(i * 2654435761U);
  for (const ContentCoding coding : {ContentCoding::gzip, ContentCoding::deflate}) {
    for (const std::string_view content : {std::string_view(), std::string_view("x"), std::string_view(text)}) {
      EXPECT_EQ(decode_content(coding, encode_content(coding, content)).value_or("failed"), content);
    }
  }
}

TEST(DecodeContent, ReadsSeveralGzipMembers) {
  const std::string members = encode_content(ContentCoding::gzip, "one ") + encode_content(ContentCoding::gzip, "two");
  EXPECT_EQ(decode_content(ContentCoding::gzip, members).value_or("failed"), "one two");
}

TEST(DecodeContent, RefusesDamage) {
  const std::string whole = encode_content(ContentCoding::gzip, std::string(1000, 'a') + "end");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_content(ContentCoding::gzip, std::string_view(whole).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_content(ContentCoding::gzip, whole + "trailing garbage"));
  EXPECT_FALSE(decode_content(ContentCoding::gzip, "{\"not\":\"gzip\"}"));
  EXPECT_FALSE(decode_content(ContentCoding::deflate, whole));
}

TEST(DecodeContent, RefusesABomb) {
  const std::string bomb = encode_content(ContentCoding::gzip, std::string(decoded_size_max + 1, '\0'));
  EXPECT_LT(bomb.size(), decoded_size_max / 100);
  EXPECT_FALSE(decode_content(ContentCoding::gzip, bomb));
}

}  // namespace
}  // namespace understudy
