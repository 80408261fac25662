// Holds docs/comparison.md to the code: headers, kinds, reasons and limits.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "replay/compare/compare_rules.hpp"
#include "replay/compare/difference_book.hpp"

namespace understudy {
namespace {

std::string page() {
  std::ifstream file(std::string(UNDERSTUDY_SOURCE_DIR) + "/docs/comparison.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

testing::AssertionResult tells(const std::string& text, const std::string& what) {
  if (text.find(what) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "docs/comparison.md does not tell " << what;
}

TEST(ComparisonPage, NamesEveryIgnoredHeaderKindAndReason) {
  const std::string text = page();
  for (const std::string_view name : CompareRules::ignored_headers()) {
    EXPECT_TRUE(tells(text, "`" + std::string(name) + "`"));
  }
  for (std::size_t i = 0; i < difference_kinds; ++i) {
    EXPECT_TRUE(tells(text, "`" + std::string(to_string(static_cast<DifferenceKind>(i))) + "`"));
  }
  for (std::size_t i = 0; i < not_compared_reasons; ++i) {
    EXPECT_TRUE(tells(text, "`" + std::string(to_string(static_cast<NotCompared>(i))) + "`"));
  }
}

TEST(ComparisonPage, ItsRulesCompile) {
  CompareOptions options;
  options.ignore = {"/items/*/updated_at", "json:etag", "header:ETag", "headers", "status", "body", "/meta/served_at"};
  options.keep = {"header:Server"};
  options.tolerance = {"0.01", "1%", "/price=0.01", "json:score=1%"};
  options.unordered = {"*", "/tags", "json:ids"};
  EXPECT_TRUE(CompareRules::compile(options));
  const std::string text = page();
  for (const auto* list : {&options.ignore, &options.keep, &options.tolerance, &options.unordered}) {
    for (const std::string& rule : *list) EXPECT_TRUE(tells(text, rule));
  }
  const std::vector<std::string> patterns{"GET /orders/*/items", "/orders/{order}/items", "/assets/**",
                                          "~^/v[0-9]+/upload"};
  EXPECT_TRUE(RouteTable::compile(patterns));
  for (const std::string& pattern : patterns) EXPECT_TRUE(tells(text, "`" + pattern + "`"));
}

}  // namespace
}  // namespace understudy
