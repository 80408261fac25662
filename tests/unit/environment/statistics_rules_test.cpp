#include "replay/environment/statistics_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy {
namespace {

using testing::HasSubstr;

std::string rule_of(const std::vector<std::string>& rules, std::string_view path) {
  const auto compiled = StatisticsRules::compile(rules);
  if (!compiled) return compiled.error().message;
  const StatisticsRule* const rule = compiled->find(path);
  return rule == nullptr ? "none" : rule->text;
}

TEST(StatisticsRulesTest, PatternsMatchWholePaths) {
  struct Row {
    const char* pattern;
    const char* path;
    bool matches;
  };
  const Row rows[] = {
      {"/a/b", "/a/b", true},
      {"/a/b", "/a", false},
      {"/a/b", "/a/b/c", false},
      {"/a/*/c", "/a/7/c", true},
      {"/a/*/c", "/a/c", false},
      {"/a/*/c", "/a/7/8/c", false},
      {"/**", "", true},
      {"/**", "/a/b", true},
      {"/a/**", "/a", true},
      {"/a/**", "/a/b/c", true},
      {"/a/**", "/b", false},
      {"/**/hits", "/hits", true},
      {"/**/hits", "/a/b/hits", true},
      {"/**/hits", "/hits/a", false},
      {"/a/**/c/**/e", "/a/c/c/d/e", true},
      {"/a/**/c/**/e", "/a/d/e", false},
      {"", "", true},
      {"", "/a", false},
      {"/a~1b", "/a~1b", true},
      {"/a~1b", "/a/b", false},
      {"/x=y", "/x=y", true},
  };
  for (const Row& row : rows) {
    const std::string rule = std::string(row.pattern) + " = equal";
    EXPECT_EQ(rule_of({rule}, row.path), row.matches ? rule : "none") << row.pattern << " on " << row.path;
  }
}

TEST(StatisticsRulesTest, ManyDoubleStarsStayFast) {
  std::string pattern;
  std::string path;
  for (int i = 0; i < 60; ++i) pattern += "/**/a";
  for (int i = 0; i < 120; ++i) path += "/a";
  EXPECT_EQ(rule_of({pattern + "/b=equal"}, path), "none");
}

TEST(StatisticsRulesTest, TheLastRuleCounts) {
  const std::vector<std::string> rules = {"/** = equal", "/cache/** = ignore", "/cache/size = within 5%"};
  EXPECT_EQ(rule_of(rules, "/users"), "/** = equal");
  EXPECT_EQ(rule_of(rules, "/cache/hits"), "/cache/** = ignore");
  EXPECT_EQ(rule_of(rules, "/cache/size"), "/cache/size = within 5%");
}

TEST(StatisticsRulesTest, ReadsEveryKind) {
  const auto rules = StatisticsRules::compile({"/a=equal", "/b= within 0.5% ", " /c =monotone", "/d = ignore"});
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_EQ(rules->find("/a")->kind, StatisticsRuleKind::equal);
  EXPECT_EQ(rules->find("/b")->kind, StatisticsRuleKind::within);
  EXPECT_EQ(rules->find("/b")->within.per_million, 5000U);
  EXPECT_EQ(rules->find("/c")->kind, StatisticsRuleKind::monotone);
  EXPECT_EQ(rules->find("/d")->kind, StatisticsRuleKind::ignore);
}

TEST(StatisticsRulesTest, SaysWhatItCannotRead) {
  const std::pair<const char*, const char*> rows[] = {
      {"/a", "there is no '='"},
      {"a = equal", "does not begin with '/'"},
      {"/a = same", "'same' is no kind"},
      {"/a = within", "'within' is no kind"},
      {"/a = within 5", "5"},
      {"/a =", "'' is no kind"},
  };
  for (const auto& [rule, expected] : rows) {
    const auto compiled = StatisticsRules::compile({rule});
    ASSERT_FALSE(compiled) << rule;
    EXPECT_EQ(compiled.error().code, ExitCode::usage);
    EXPECT_THAT(compiled.error().message, HasSubstr(expected));
    EXPECT_THAT(compiled.error().message, HasSubstr("a rule is '/path/*/name = equal'"));
  }
  EXPECT_FALSE(StatisticsRules::compile(std::vector<std::string>(StatisticsRules::rules_max + 1, "/a=equal")));
}

}  // namespace
}  // namespace understudy
