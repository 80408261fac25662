#include "replay/environment/json_flatten.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy {
namespace {

using testing::HasSubstr;

std::string shown(std::string_view text) {
  const auto flat = flatten_json("it", text);
  std::string all;
  if (!flat) return flat.error().message;
  for (const auto& [pointer, leaf] : *flat) all += pointer + " " + to_json(leaf) + "\n";
  return all;
}

TEST(FlattenJsonTest, GivesEveryLeafItsPointer) {
  EXPECT_EQ(shown(R"({"users": {"count": 3, "names": ["b", "a"]}, "up": true, "none": null, "share": 0.5})"),
            "/none null\n/share 0.5\n/up true\n/users/count 3\n/users/names/0 \"b\"\n/users/names/1 \"a\"\n");
}

TEST(FlattenJsonTest, EmptyContainersAreLeaves) {
  EXPECT_EQ(shown(R"({"a": {}, "b": [], "c": [[]]})"), "/a {}\n/b []\n/c/0 []\n");
  EXPECT_EQ(shown("{}"), " {}\n");
  EXPECT_EQ(shown("7"), " 7\n");
}

TEST(FlattenJsonTest, EscapesNames) {
  EXPECT_EQ(shown(R"({"a/b": 1, "m~n": 2, "": 3})"), "/ 3\n/a~1b 1\n/m~0n 2\n");
  EXPECT_EQ(pointer_segments("/a~1b/m~0n//x"), (std::vector<std::string>{"a/b", "m~n", "", "x"}));
  EXPECT_EQ(pointer_segments("/~01"), (std::vector<std::string>{"~1"}));
  EXPECT_TRUE(pointer_segments("").empty());
}

TEST(FlattenJsonTest, NumbersKeepEveryDigit) {
  EXPECT_EQ(shown("[9223372036854775807, 18446744073709551615, -9223372036854775808]"),
            "/0 9223372036854775807\n/1 18446744073709551615\n/2 -9223372036854775808\n");
  EXPECT_TRUE(is_equal(std::int64_t{1}, 1.0));
  EXPECT_FALSE(is_equal(std::int64_t{9223372036854775807}, std::int64_t{9223372036854775806}));
  EXPECT_FALSE(is_equal(std::int64_t{1}, std::string("1")));
  EXPECT_FALSE(is_equal(std::int64_t{1}, true));
  EXPECT_FALSE(is_equal(std::monostate(), false));
  EXPECT_FALSE(is_equal(EmptyContainer::array, EmptyContainer::object));
}

TEST(FlattenJsonTest, RefusesWhatIsNoJsonOrTooMuch) {
  EXPECT_THAT(shown("<html>"), HasSubstr("it is no JSON, but \"<html>\""));
  EXPECT_THAT(shown(std::string(200, '[') + std::string(200, ']')), HasSubstr("is no JSON"));
  std::string many = "[0";
  for (std::size_t i = 1; i < statistics_paths_max; ++i) many += ",0";
  EXPECT_TRUE(flatten_json("it", many + "]"));
  EXPECT_THAT(flatten_json("it", many + ",0]").error().message, HasSubstr("more than 100000 values"));
}

}  // namespace
}  // namespace understudy
