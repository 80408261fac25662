#include "replay/compare/compare_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy {
namespace {

using ::testing::HasSubstr;

std::string error_of(const CompareOptions& options) {
  const auto rules = CompareRules::compile(options);
  EXPECT_FALSE(rules);
  if (rules) return {};
  EXPECT_EQ(rules.error().code, ExitCode::usage);
  return rules.error().message;
}

CompareOptions with(std::vector<std::string> CompareOptions::*list, std::string text) {
  CompareOptions options;
  options.*list = {std::move(text)};
  return options;
}

TEST(CompareRules, WrongRulesAreRefusedWithThePlace) {
  for (const std::string_view text : {"", "items", "json:", "/a~2", "json:/a~", "cookie:x"}) {
    EXPECT_THAT(error_of(with(&CompareOptions::ignore, std::string(text))), HasSubstr("write a JSON pointer")) << text;
  }
  EXPECT_THAT(error_of(with(&CompareOptions::ignore, "header:a b")), HasSubstr("ignore 'header:a b': at character 8"));
  EXPECT_THAT(error_of(with(&CompareOptions::keep, "Date")), HasSubstr("write header:NAME"));
  for (const std::string_view text : {"", "x", "-1", "1%%", "nan", "inf", "/a=", "json:=1", "a=1"}) {
    EXPECT_THAT(error_of(with(&CompareOptions::tolerance, std::string(text))), HasSubstr("write ")) << text;
  }
  EXPECT_THAT(error_of(with(&CompareOptions::unordered, "items")), HasSubstr("write * for every array"));
  CompareOptions many;
  many.ignore.assign(201, "status");
  EXPECT_THAT(error_of(many), HasSubstr("more than 200 rules"));
}

TEST(CompareRules, KnowWhatIsIgnored) {
  const CompareRules defaults;
  for (const std::string_view name : CompareRules::ignored_headers()) EXPECT_TRUE(defaults.ignores_header(name));
  EXPECT_TRUE(defaults.ignores_header("DATE"));
  EXPECT_FALSE(defaults.ignores_header("ETag"));
  EXPECT_TRUE(defaults.compares_body() && defaults.compares_headers() && defaults.compares_status());
  EXPECT_TRUE(defaults.hides(DifferenceKind::header, "authorization"));
  EXPECT_FALSE(defaults.hides(DifferenceKind::header, "X-A"));
  EXPECT_TRUE(defaults.hides(DifferenceKind::json_value, "/a/userPassword"));
}

}  // namespace
}  // namespace understudy
