#include "traffic/base/json_text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace understudy {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string latin1(std::string_view bytes) {
  std::string out;
  append_json_latin1(out, bytes);
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  append_printable(out, text);
  return out;
}

constexpr const char* bad = "\xef\xbf\xbd";

TEST(JsonString, EscapesWhatRfc8259Demands) {
  EXPECT_EQ(quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(quoted(std::string_view("\0\x01\x1f\n\r\t\x7f", 7)), R"("\u0000\u0001\u001f\n\r\t\u007f")");
  EXPECT_EQ(quoted(""), R"("")");
}

TEST(JsonString, ValidUtf8StaysAsItIs) {
  // The first and last of each length, and around the surrogates.
  for (const char* const text : {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
                                 "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "gr\xc3\xbc\xc3\x9f"}) {
    EXPECT_EQ(quoted(text), '"' + std::string(text) + '"');
  }
}

TEST(JsonString, EachByteThatIsNotUtf8IsReplaced) {
  const std::string b(bad);
  EXPECT_EQ(quoted("a\x80z"), "\"a" + b + "z\"");
  EXPECT_EQ(quoted("\xc0\xaf"), '"' + b + b + '"');                  // overlong
  EXPECT_EQ(quoted("\xe0\x9f\xbf"), '"' + b + b + b + '"');          // overlong
  EXPECT_EQ(quoted("\xed\xa0\x80"), '"' + b + b + b + '"');          // surrogate
  EXPECT_EQ(quoted("\xf4\x90\x80\x80"), '"' + b + b + b + b + '"');  // beyond U+10FFFF
  EXPECT_EQ(quoted("\xe2\x82"), '"' + b + b + '"');                  // cut off
  EXPECT_EQ(quoted("\xe2\x82x"), '"' + b + b + "x\"");
  EXPECT_EQ(quoted("\xff"), '"' + b + '"');
}

TEST(JsonLatin1, EveryByteIsItsCodePoint) {
  EXPECT_EQ(latin1("/a\xe9\"\\"), "\"/a\xc3\xa9\\\"\\\\\"");
  EXPECT_EQ(latin1("\xa0\xff"), "\"\xc2\xa0\xc3\xbf\"");
  EXPECT_EQ(latin1("\n"), "\"\\n\"");
}

TEST(Printable, ControlsAreShownAndTextIsKept) {
  EXPECT_EQ(printable("plain \"text\" \\ gr\xc3\xbc\xc3\x9f"), "plain \"text\" \\ gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(printable("a\nb\x1b[2J\x7f"), "a\\u000ab\\u001b[2J\\u007f");
  EXPECT_EQ(printable("\xc2\x9b\xc2\xa0"), "\\u009b\xc2\xa0");  // the one-byte form of ESC [
  EXPECT_EQ(printable("\x9b"), bad);
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  JsonWriter json;
  json.begin_object().member("a", 1).key("b").begin_array().value("x").value(true).null().begin_object().end_object();
  json.begin_array().end_array().end_array().member("c", false).key("d").raw("[1,2]").end_object();
  EXPECT_EQ(json.take(), R"({"a":1,"b":["x",true,null,{},[]],"c":false,"d":[1,2]})");
  EXPECT_EQ(json.begin_array().value(1).value(2).end_array().take(), "[1,2]");
}

TEST(JsonWriter, NumbersKeepTheirValue) {
  JsonWriter json;
  json.begin_array().value(std::numeric_limits<std::uint64_t>::max()).value(std::numeric_limits<std::int64_t>::min());
  json.value(0.1).value(1e300).value(std::numeric_limits<double>::infinity()).value(std::uint8_t{7}).end_array();
  EXPECT_EQ(json.take(), "[18446744073709551615,-9223372036854775808,0.1,1e+300,null,7]");
}

TEST(JsonWriterDeathTest, WhatIsNotEndedIsADefect) {
  JsonWriter json;
  json.begin_object();
  EXPECT_DEATH((void)json.take(), "depth_");
}

}  // namespace
}  // namespace understudy
