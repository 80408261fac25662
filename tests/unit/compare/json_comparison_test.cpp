#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/compare/compare_fixture.hpp"

namespace understudy {
namespace {

using test::compare_json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

CompareOptions ignoring(std::vector<std::string> rules) {
  CompareOptions options;
  options.ignore = std::move(rules);
  return options;
}

CompareOptions tolerating(std::vector<std::string> rules) {
  CompareOptions options;
  options.tolerance = std::move(rules);
  return options;
}

CompareOptions unordered(std::vector<std::string> rules) {
  CompareOptions options;
  options.unordered = std::move(rules);
  return options;
}

TEST(JsonComparison, SpellingIsNoDifference) {
  EXPECT_THAT(compare_json(R"({"a":1,"b":[true,null,"x"]})", "{ \"b\": [true, null, \"\\u0078\"],\n \"a\": 1.0 }"),
              IsEmpty());
  EXPECT_THAT(compare_json("[1.10, 1e2, 0.1, -0]", "[1.1,100,1.0E-1,0]"), IsEmpty());
}

TEST(JsonComparison, TellsWhatDiffersAndWhere) {
  EXPECT_THAT(compare_json(R"({"a":1,"b":"x","c":true,"d":null,"e":{},"f":1})",
                           R"({"a":2,"b":"y","c":false,"d":0,"e":[],"g":"new"})"),
              ElementsAre("json_value /a: 1 -> 2", "json_value /b: \"x\" -> \"y\"", "json_value /c: true -> false",
                          "json_type /d: null -> 0", "json_type /e: {0 members} -> [0 elements]",
                          "json_missing /f: 1 -> (none)", "json_extra /g: (none) -> \"new\""));
  EXPECT_THAT(compare_json("1", "2"), ElementsAre("json_value : 1 -> 2"));
}

TEST(JsonComparison, ShapesLeaveOutIndicesAndIdentifiers) {
  EXPECT_THAT(compare_json(R"({"items":[{"p":1},{"p":1},{"p":1}]})", R"({"items":[{"p":2},{"p":1},{"p":3}]})"),
              ElementsAre("json_value /items/*/p: 1 -> 2"));
  EXPECT_THAT(compare_json(R"({"users":{"8f3b2c1d":{"n":1},"4711":{"n":1}}})",
                           R"({"users":{"8f3b2c1d":{"n":2},"4711":{"n":3}}})"),
              ElementsAre("json_value /users/*/n: 1 -> 2"));
  EXPECT_THAT(compare_json(R"({"a/b":{"c~d":1}})", R"({"a/b":{"c~d":2}})"),
              ElementsAre("json_value /a~1b/c~0d: 1 -> 2"));
}

TEST(JsonComparison, OneElementMoreIsOneDifference) {
  EXPECT_THAT(compare_json("[1,2,3,4]", "[1,2,9,3,4]"), ElementsAre("json_extra /*: (none) -> 9"));
  EXPECT_THAT(compare_json("[0,1,2,3]", "[1,2,3]"), ElementsAre("json_missing /*: 0 -> (none)"));
  EXPECT_THAT(compare_json("[1,1]", "[1]"), ElementsAre("json_missing /*: 1 -> (none)"));
  EXPECT_THAT(compare_json("[]", "[1]"), ElementsAre("json_extra /*: (none) -> 1"));
  EXPECT_THAT(compare_json("[1,2,3,4]", "[1,7,4]"),
              ElementsAre("json_value /*: 2 -> 7", "json_missing /*: 3 -> (none)"));
}

TEST(JsonComparison, AnotherOrderIsOneDifference) {
  EXPECT_THAT(compare_json(R"({"t":["a","b","c"]})", R"({"t":["c","a","b"]})"),
              ElementsAre("json_order /t: [3 elements] -> [3 elements]"));
  EXPECT_THAT(compare_json(R"([{"a":1,"b":[1,2]},{"a":2}])", R"([{"a":2},{"b":[1,2],"a":1.0}])"),
              ElementsAre("json_order : [2 elements] -> [2 elements]"));
  EXPECT_THAT(compare_json("[1,1,2]", "[1,2,2]"), ElementsAre("json_value /*: 1 -> 2"));
  // What differed before the array stays noted.
  EXPECT_THAT(compare_json(R"({"a":1,"t":[1,2]})", R"({"a":2,"t":[2,1]})"),
              ElementsAre("json_value /a: 1 -> 2", "json_order /t: [2 elements] -> [2 elements]"));
}

TEST(JsonComparison, UnorderedArraysAreMultisets) {
  const CompareOptions tags = unordered({"/tags"});
  EXPECT_THAT(compare_json(R"({"tags":["a","b","b"]})", R"({"tags":["b","a","b"]})", tags), IsEmpty());
  EXPECT_THAT(compare_json(R"({"tags":["a","b"],"x":[1,2]})", R"({"tags":["b","a"],"x":[2,1]})", tags),
              ElementsAre("json_order /x: [2 elements] -> [2 elements]"));
  EXPECT_THAT(compare_json(R"({"tags":["a","b","b"]})", R"({"tags":["b","a","a"]})", tags),
              ElementsAre("json_value /tags/*: \"b\" -> \"a\""));
  // A changed element is told by what changed in it.
  EXPECT_THAT(compare_json(R"([{"id":1,"p":5},{"id":2,"p":5},{"id":3,"p":5}])",
                           R"([{"id":3,"p":5},{"id":2,"p":6},{"id":1,"p":5}])", unordered({"*"})),
              ElementsAre("json_value /*/p: 5 -> 6"));
  EXPECT_THAT(compare_json(R"([[1,2],[3,4]])", R"([[4,3],[2,1]])", unordered({"*"})), IsEmpty());
  EXPECT_THAT(compare_json("[1,2,3]", "[3,1]", unordered({"*"})), ElementsAre("json_missing /*: 2 -> (none)"));
  EXPECT_THAT(compare_json(R"({"a":{"ids":[1,2]}})", R"({"a":{"ids":[2,1]}})", unordered({"json:ids"})), IsEmpty());
}

TEST(JsonComparison, UnorderedArraysKnowToleranceAndIgnoredMembers) {
  CompareOptions options = unordered({"*"});
  options.tolerance = {"0.5"};
  options.ignore = {"/*/at"};
  EXPECT_THAT(compare_json(R"([{"v":1.2,"at":1},{"v":7,"at":2}])", R"([{"v":7.4,"at":3},{"v":1,"at":4}])", options),
              IsEmpty());
}

TEST(JsonComparison, TolerancesAreAbsoluteOrRelativeAndForPlaces) {
  EXPECT_THAT(compare_json("[1.00,5]", "[1.01,5]", tolerating({"0.01"})), IsEmpty());
  EXPECT_THAT(compare_json("[1.00,5]", "[1.011,5]", tolerating({"0.01"})), ElementsAre("json_value /*: 1 -> 1.011"));
  EXPECT_THAT(compare_json("[100]", "[101]", tolerating({"1%"})), IsEmpty());
  EXPECT_THAT(compare_json("[100]", "[102]", tolerating({"1%"})), ElementsAre("json_value /*: 100 -> 102"));
  EXPECT_THAT(compare_json(R"({"price":10,"count":10})", R"({"price":10.5,"count":10.5})", tolerating({"/price=1"})),
              ElementsAre("json_value /count: 10 -> 10.5"));
  // Of a place, its own tolerance only.
  EXPECT_THAT(compare_json(R"({"price":10})", R"({"price":10.5})", tolerating({"1", "json:price=0.1"})),
              ElementsAre("json_value /price: 10 -> 10.5"));
  EXPECT_THAT(compare_json(R"({"x":0,"y":{"price":10}})", R"({"x":1,"y":{"price":13}})",
                           tolerating({"1", "json:price=5%", "json:price=3"})),
              IsEmpty());
}

TEST(JsonComparison, WhatIsIgnoredIsLeftOutWithAllThatIsInIt) {
  EXPECT_THAT(compare_json(R"({"items":[{"id":1,"updated_at":"a"}],"meta":{"t":1}})",
                           R"({"items":[{"id":1,"updated_at":"b"}],"meta":{"t":2,"u":3}})",
                           ignoring({"/items/*/updated_at", "json:/meta"})),
              IsEmpty());
  EXPECT_THAT(
      compare_json(R"({"a":{"etag":1},"b":[{"etag":2}]})", R"({"a":{"etag":3},"b":[{}]})", ignoring({"json:etag"})),
      IsEmpty());
  EXPECT_THAT(compare_json(R"({"a":1})", R"({})", ignoring({"/a"})), IsEmpty());
  EXPECT_THAT(compare_json(R"({})", R"({"a":1})", ignoring({"/a"})), IsEmpty());
  EXPECT_THAT(compare_json("[1,2,3]", "[1,9,4]", ignoring({"/1"})), ElementsAre("json_value /*: 3 -> 4"));
  EXPECT_THAT(compare_json(R"({"a":1,"b":1})", R"({"a":2,"b":2})", ignoring({"/*/x", "/b"})),
              ElementsAre("json_value /a: 1 -> 2"));
}

TEST(JsonComparison, LargeIntegersAreExact) {
  EXPECT_THAT(compare_json("[9007199254740993]", "[9007199254740992]"),
              ElementsAre("json_value /*: 9007199254740993 -> 9007199254740992"));
  EXPECT_THAT(compare_json("[18446744073709551615]", "[18446744073709551614]"),
              ElementsAre("json_value /*: 18446744073709551615 -> 18446744073709551614"));
  EXPECT_THAT(compare_json("[-1]", "[18446744073709551615]"), ElementsAre("json_value /*: -1 -> 18446744073709551615"));
}

TEST(JsonComparison, NumbersBeyondDoublesAreInfinite) {
  EXPECT_THAT(compare_json("[1e999,-1e999,0e999]", "[2e999,-1e999,0]"), IsEmpty());
  EXPECT_THAT(compare_json("[1e999]", "[1]", tolerating({"50%"})), ElementsAre("json_value /*: inf -> 1"));
  EXPECT_THAT(compare_json("[1e999]", "[-1e999]"), ElementsAre("json_value /*: inf -> -inf"));
}

TEST(JsonComparison, WhatTheRecordingHidesIsNotCompared) {
  EXPECT_THAT(compare_json(R"({"email":"[redacted]","token":"[redacted:0123456789abcdef]"})",
                           R"({"email":"a@b.c","token":17})"),
              IsEmpty());
  EXPECT_THAT(compare_json(R"({"email":"a@b.c"})", R"({"email":"[redacted]"})"),
              ElementsAre("json_value /email: \"a@b.c\" -> \"[redacted]\""));
}

TEST(JsonComparison, SecretsAreNotShown) {
  EXPECT_THAT(compare_json(R"({"accessToken":"abc","name":"x"})", R"({"accessToken":"def","name":"y"})"),
              ElementsAre("json_value /accessToken: [redacted] -> [redacted]", "json_value /name: \"x\" -> \"y\""));
  CompareOptions options;
  options.hides_value = [](DifferenceKind, std::string_view name) { return name == "/name"; };
  EXPECT_THAT(compare_json(R"({"name":"x"})", R"({"name":"y"})", options),
              ElementsAre("json_value /name: [redacted] -> [redacted]"));
}

TEST(JsonComparison, LongValuesAreShownShort) {
  const std::string text(1000, 'x');
  const auto lines = compare_json("[\"" + text + "\"]", "[1]");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_LT(lines[0].size(), 2 * shown_value_max);
  EXPECT_THAT(lines[0], ::testing::HasSubstr("xxx... -> 1"));
}

TEST(JsonComparison, DifferencesAreBounded) {
  std::string left = "{";
  std::string right = "{";
  for (int i = 0; i < 200; ++i) {
    const std::string name =
        std::string("\"m") + static_cast<char>('a' + i % 26) + static_cast<char>('a' + i / 26) + "\":";
    left += (i == 0 ? "" : ",") + name + "1";
    right += (i == 0 ? "" : ",") + name + "2";
  }
  const CompareRules rules;
  Comparator comparator(rules);
  const Differences& differences = comparator.compare(test::respond_json(left + "}"), test::respond_json(right + "}"));
  EXPECT_EQ(differences.list.size(), Differences::differences_max);
  EXPECT_TRUE(differences.cut);
}

TEST(JsonComparison, TheWorkIsBounded) {
  std::string left = "[0";
  std::string right = "[1";
  for (int i = 0; i < 300'000; ++i) {
    left += ",0";
    right += ",1";
  }
  const CompareRules rules;
  Comparator comparator(rules);
  const Differences& differences = comparator.compare(test::respond_json(left + "]"), test::respond_json(right + "]"));
  EXPECT_THAT(test::told(differences), ElementsAre("json_value /*: 0 -> 1"));
  EXPECT_TRUE(differences.cut);
  EXPECT_THAT(test::told(comparator.compare(test::respond_json("[1]"), test::respond_json("[2]"))),
              ElementsAre("json_value /*: 1 -> 2"));
}

TEST(JsonComparison, TooDeepJsonIsComparedAsBytes) {
  const auto nested = [](std::size_t depth, std::string_view inner) {
    return std::string(depth, '[') + std::string(inner) + std::string(depth, ']');
  };
  EXPECT_THAT(compare_json(nested(128, "1"), nested(128, "2")), ElementsAre(::testing::StartsWith("json_value ")));
  EXPECT_THAT(compare_json(nested(129, "1"), nested(129, "2")), ElementsAre(::testing::StartsWith("body bytes: ")));
  EXPECT_THAT(compare_json(nested(100'000, "1"), nested(100'000, "2")),
              ElementsAre(::testing::StartsWith("body bytes: ")));
}

// Values take more memory than their text; beyond the limit the text is compared.
TEST(JsonComparison, TooManyValuesAreComparedAsBytes) {
  std::string many = "[0";
  for (int i = 0; i < 3'000'000; ++i) many += ",0";
  EXPECT_THAT(compare_json(many + "]", many + "1]"), ElementsAre(::testing::StartsWith("body bytes: ")));
}

}  // namespace
}  // namespace understudy
