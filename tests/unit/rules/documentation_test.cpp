// Holds docs/rules.md to the grammar: every example in it compiles.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "traffic/rules/rule_chain.hpp"

namespace understudy {
namespace {

TEST(RulesPage, EveryExampleCompiles) {
  std::ifstream page(std::string(UNDERSTUDY_SOURCE_DIR) + "/docs/rules.md");
  ASSERT_TRUE(page);
  const std::map<std::string, std::vector<std::string> RuleOptions::*> lists{
      {"deny", &RuleOptions::deny},
      {"allow", &RuleOptions::allow},
      {"sample", &RuleOptions::sample},
      {"rewrite-url", &RuleOptions::rewrite_url},
      {"set-param", &RuleOptions::set_param},
      {"remove-param", &RuleOptions::remove_param},
      {"set-header", &RuleOptions::set_header},
      {"remove-header", &RuleOptions::remove_header},
      {"rewrite-header", &RuleOptions::rewrite_header},
      {"redact", &RuleOptions::redact}};
  const std::regex flag(R"(--([a-z-]+) (?:'([^']*)'|([^\s`;]+)))");
  std::map<std::string, int> seen;
  for (std::string line; std::getline(page, line);) {
    for (std::sregex_iterator match(line.begin(), line.end(), flag), end; match != end; ++match) {
      const std::string name = (*match)[1];
      const std::string text = (*match)[2].matched ? (*match)[2] : (*match)[3];
      if (text == "'REGEX" || text.find("REGEX") != std::string::npos) continue;  // a form, not an example
      RuleOptions options;
      if (name == "limit") {
        options.limit = text;
      } else if (const auto list = lists.find(name); list != lists.end()) {
        (options.*(list->second)).push_back(text);
      } else {
        continue;
      }
      const auto rules = compile_rules(options);
      EXPECT_TRUE(rules) << line << "\n" << (rules ? "" : rules.error().message);
      ++seen[name];
    }
  }
  for (const auto& [name, list] : lists) EXPECT_GT(seen[name], 0) << name;
  EXPECT_GT(seen["limit"], 1);
}

}  // namespace
}  // namespace understudy
