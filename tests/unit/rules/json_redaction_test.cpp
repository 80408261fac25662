#include "traffic/rules/json_redaction.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace understudy {
namespace {

// Rules as in a redact rule behind "json:".
JsonSelection select(std::initializer_list<std::string_view> rules) {
  JsonSelection selection;
  for (const std::string_view rule : rules) {
    if (rule.starts_with('/')) {
      EXPECT_TRUE(selection.add_pointer(rule)) << rule;
    } else {
      selection.add_name(std::string(rule));
    }
  }
  return selection;
}

std::string redacted(std::string_view json, std::initializer_list<std::string_view> rules) {
  return redact_json(json, select(rules), Marker("")).value_or("unchanged");
}

TEST(RedactJson, ByNameAtAnyDepth) {
  EXPECT_EQ(redacted(R"({"password":"a","user":{"password": "b","x":[{"password":null}]}})", {"password"}),
            R"({"password":"[redacted]","user":{"password": "[redacted]","x":[{"password":"[redacted]"}]}})");
}

TEST(RedactJson, KeepsEveryOtherByte) {
  EXPECT_EQ(redacted("\xEF\xBB\xBF { \"a\" : 1e400 ,\n\t\"b\":[ tRue,-0.10 ] , \"s\":\"x\\u00e9\xff\" }\r\n", {"b"}),
            "\xEF\xBB\xBF { \"a\" : 1e400 ,\n\t\"b\":\"[redacted]\" , \"s\":\"x\\u00e9\xff\" }\r\n");
}

TEST(RedactJson, WholeValuesOfAnyKind) {
  EXPECT_EQ(redacted(R"({"k":{"a":{"k":"x"}},"l":1})", {"k"}), R"({"k":"[redacted]","l":1})");
  EXPECT_EQ(redacted(R"({"k":[1,[2]],"l":1})", {"k"}), R"({"k":"[redacted]","l":1})");
  EXPECT_EQ(redacted(R"({"k":-1.5e3,"l":1})", {"k"}), R"({"k":"[redacted]","l":1})");
  EXPECT_EQ(redacted(R"({"k":{},"m":[],"l":{"k":""}})", {"k"}), R"({"k":"[redacted]","m":[],"l":{"k":"[redacted]"}})");
}

TEST(RedactJson, ByPointerFromTheRoot) {
  const std::string_view json = R"({"user":{"email":"e","id":1},"email":"top","list":[{"email":"l0"},{"email":"l1"}]})";
  EXPECT_EQ(redacted(json, {"/user/email"}),
            R"({"user":{"email":"[redacted]","id":1},"email":"top","list":[{"email":"l0"},{"email":"l1"}]})");
  EXPECT_EQ(redacted(json, {"/list/1/email"}),
            R"({"user":{"email":"e","id":1},"email":"top","list":[{"email":"l0"},{"email":"[redacted]"}]})");
  EXPECT_EQ(
      redacted(json, {"/list/*/email", "/email"}),
      R"({"user":{"email":"e","id":1},"email":"[redacted]","list":[{"email":"[redacted]"},{"email":"[redacted]"}]})");
  EXPECT_EQ(redacted(json, {"/*/email"}),
            R"({"user":{"email":"[redacted]","id":1},"email":"top","list":[{"email":"l0"},{"email":"l1"}]})");
  EXPECT_EQ(redacted(json, {"/user/email/x", "/nothing", "/list/2", "/list/01/email"}), "unchanged");
}

TEST(RedactJson, PointersThatShareSegmentsStayApart) {
  EXPECT_EQ(redacted(R"({"a":{"b":{"c":1,"d":2}},"b":{"c":3},"x":{"b":{"c":4}}})", {"/a/b/c", "/b/c"}),
            R"({"a":{"b":{"c":"[redacted]","d":2}},"b":{"c":"[redacted]"},"x":{"b":{"c":4}}})");
}

TEST(RedactJson, PointerEscapes) {
  EXPECT_EQ(redacted(R"({"a/b":{"~c":1},"":{"":2}})", {"/a~1b/~0c", "//"}),
            R"({"a/b":{"~c":"[redacted]"},"":{"":"[redacted]"}})");
  JsonSelection selection;
  EXPECT_FALSE(selection.add_pointer("a"));
  EXPECT_FALSE(selection.add_pointer("/~"));
  EXPECT_FALSE(selection.add_pointer("/~2"));
}

TEST(RedactJson, NamesAreComparedDecoded) {
  EXPECT_EQ(redacted(R"({"pass\u0077ord":"x","PASSWORD":"y"})", {"password"}),
            R"({"pass\u0077ord":"[redacted]","PASSWORD":"y"})");
  EXPECT_EQ(redacted(R"({"\ud83d\ude00":1,"\u00e9":2})", {"\xf0\x9f\x98\x80", "\xc3\xa9"}),
            R"({"\ud83d\ude00":"[redacted]","\u00e9":"[redacted]"})");
  EXPECT_EQ(redacted(R"({"a\"b\\":1})", {"a\"b\\"}), R"({"a\"b\\":"[redacted]"})");
}

TEST(RedactJson, SequencesOfValues) {
  EXPECT_EQ(redacted("{\"k\":1}\n{\"k\":2}\n", {"k"}), "{\"k\":\"[redacted]\"}\n{\"k\":\"[redacted]\"}\n");
  EXPECT_EQ(redacted("\x1e{\"k\":1}\n\x1e[{\"k\":2}]\n", {"k"}),
            "\x1e{\"k\":\"[redacted]\"}\n\x1e[{\"k\":\"[redacted]\"}]\n");
  EXPECT_EQ(redacted("1 \"k\" null", {"k"}), "unchanged");
  EXPECT_EQ(redacted("", {"k"}), "unchanged");
  EXPECT_EQ(redacted(" \n", {"k"}), "unchanged");
}

TEST(RedactJson, StringsThatLookLikeStructure) {
  EXPECT_EQ(redacted(R"({"a":"{\"k\":1}","b":"}]\\","k":"\\\""})", {"k"}),
            R"({"a":"{\"k\":1}","b":"}]\\","k":"[redacted]"})");
}

// Every cut of a document: whatever is left, the secret must not be in it.
TEST(RedactJson, ACutNeverShowsTheSecret) {
  const std::string json = R"({"a":[1,{"k":{"deep":["opensesame",{"x":"opensesame"}]}}],"k":"opensesame","z":true})";
  for (std::size_t size = 0; size <= json.size(); ++size) {
    const std::string cut = json.substr(0, size);
    const std::string out = redact_json(cut, select({"k"}), Marker("")).value_or(cut);
    EXPECT_EQ(out.find("opens"), std::string::npos) << cut << " became " << out;
    EXPECT_LE(out.size(), 2 * cut.size() + 1024);
  }
}

TEST(RedactJson, DamageHidesEverythingBehindIt) {
  EXPECT_EQ(redacted(R"({"a":1 "k":"s"})", {"k"}), R"({"a":1 "[redacted]")");
  EXPECT_EQ(redacted(R"({a:1,"k":"s"})", {"k"}), R"({"[redacted]")");
  EXPECT_EQ(redacted(R"({"a":'k',"k":"s"})", {"k"}), R"({"a":"[redacted]")");
  EXPECT_EQ(redacted(R"([1,2,])", {"k"}), R"([1,2,"[redacted]")");
  EXPECT_EQ(redacted(R"({"a":1}} {"k":"s"})", {"k"}), R"({"a":1}"[redacted]")");
  EXPECT_EQ(redacted("<xml>secret</xml>", {"k"}), "\"[redacted]\"");
  EXPECT_EQ(redacted("{\"a\":1,/* \"k\" */\"k\":2}", {"k"}), "{\"a\":1,\"[redacted]\"");
  EXPECT_EQ(redacted("\"unterminated", {"k"}), "\"[redacted]\"");
  EXPECT_EQ(redacted("{\"a\":\"x\\", {"k"}), "{\"a\":\"[redacted]\"");
}

TEST(RedactJson, ACutWithNothingBehindItStays) {
  EXPECT_EQ(redacted("{\"a\":1", {"k"}), "unchanged");
  EXPECT_EQ(redacted("{\"k\":1", {"k"}), "{\"k\":\"[redacted]\"");
  EXPECT_EQ(redacted("{\"k\":", {"k"}), "unchanged");
}

TEST(RedactJson, DepthIsBounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + "{\"k\":1}" + std::string(depth, ']'); };
  EXPECT_NE(redacted(nested(200), {"k"}).find("{\"k\":\"[redacted]\"}"), std::string::npos);
  EXPECT_EQ(redacted(nested(100'000), {"k"}).size(), json_depth_max + 1 + std::string_view("\"[redacted]\"").size());
}

TEST(RedactJson, GrowthIsBounded) {
  std::string json = "[1";
  for (int i = 0; i < 200'000; ++i) json += ",1";
  json += "]";
  EXPECT_EQ(redacted(json, {"/*"}), "\"[redacted]\"");
}

TEST(RedactJson, AKeyedMarkerTellsEqualFromDifferent) {
  const Marker marker("key");
  const auto out = redact_json(R"({"k":"same","l":{"k":"s\u0061me"},"m":[{"k":"other"},{"k":12},{"k":"12"}]})",
                               select({"k"}), marker);
  ASSERT_TRUE(out);
  const std::string same = "\"" + marker.text("same") + "\"";
  const std::string other = "\"" + marker.text("other") + "\"";
  const std::string number = "\"" + marker.text("12") + "\"";
  EXPECT_EQ(*out, "{\"k\":" + same + ",\"l\":{\"k\":" + same + "},\"m\":[{\"k\":" + other + "},{\"k\":" + number +
                      "},{\"k\":" + number + "}]}");
  EXPECT_NE(same, other);
}

TEST(ReplaceJson, PutsTextInPlaceOfSelectedValues) {
  const JsonSelection selection = select({"/a", "/b/*"});
  std::vector<std::string> seen;
  const auto replacement = [&seen](std::string_view value, bool is_string) -> std::optional<std::string> {
    seen.push_back(std::string(value) + (is_string ? " string" : " other"));
    if (value == "x y") return "[1]";
    return value == "17" ? std::optional<std::string>("\"s\"") : std::nullopt;
  };
  EXPECT_EQ(replace_json(R"({ "a": "x\u0020y", "b": [17, 1.50, {"a":17}], "c": 17 })", selection, replacement),
            R"({ "a": [1], "b": ["s", 1.50, {"a":17}], "c": 17 })");
  EXPECT_THAT(seen, ::testing::ElementsAre("x y string", "17 other", "1.50 other", "{\"a\":17} other"));
}

TEST(ReplaceJson, WhatIsNoJsonOrHasNothingToReplaceStaysAsItIs) {
  const auto replacement = [](std::string_view, bool) { return std::optional<std::string>("1"); };
  for (const std::string_view json : {"", "{\"a\":1", "{\"a\":1}}", "text", "{\"b\":1}"}) {
    EXPECT_EQ(replace_json(json, select({"/a"}), replacement), std::nullopt) << json;
  }
}

TEST(Marker, IsRecognised) {
  for (const std::string_view key : {"", "key"}) EXPECT_TRUE(is_marker(Marker(key).text("value")));
  for (const std::string_view text :
       {"", "[redacted", "redacted]", "[redacted] ", "[redacted:]", "[redacted:0123456789abcde]",
        "[redacted:0123456789abcdeg]", "[redacted-0123456789abcdef]"}) {
    EXPECT_FALSE(is_marker(text)) << text;
  }
}

TEST(Marker, IsAnHmacOfTheValue) {
  EXPECT_EQ(Marker("").text("x"), "[redacted]");
  EXPECT_EQ(Marker("").encoded("x"), "%5Bredacted%5D");
  // RFC 4231 test case 2: key "Jefe".
  EXPECT_EQ(Marker("Jefe").text("what do ya want for nothing?"), "[redacted:5bdcc146bf60754e]");
  EXPECT_EQ(Marker("Jefe").encoded("what do ya want for nothing?"), "%5Bredacted%3A5bdcc146bf60754e%5D");
}

}  // namespace
}  // namespace understudy
