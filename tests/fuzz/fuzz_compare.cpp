// The comparison of two JSON values from bytes, with rules of every kind.
#include "replay/compare/json_comparison.hpp"
#include "replay/compare/json_document.hpp"
#include "tests/fuzz/input.hpp"
#include "traffic/base/check.hpp"

namespace {

using namespace understudy;

CompareRules make_rules() {
  CompareOptions options;
  options.ignore = {"/a/*/b", "json:c", "/0"};
  options.tolerance = {"1%", "/d=0.5"};
  options.unordered = {"/u", "json:v"};
  return CompareRules::compile(options).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const CompareRules rules = make_rules();
  static JsonArena arena;
  static JsonComparison comparison(rules);
  FuzzInput input(data, size);
  const std::string_view left_text = input.bytes(size / 2);
  arena.clear();
  const boost::json::value* const left = arena.parse(left_text);
  const boost::json::value* const right = arena.parse(input.bytes(size));
  if (left == nullptr || right == nullptr) return 0;
  Differences differences;
  comparison.compare(*left, *right, differences);
  CHECK(differences.list.size() <= Differences::differences_max);
  for (const Difference& difference : differences.list) {
    CHECK(difference.shape.size() <= shape_max && difference.expected.size() <= shown_value_max + 2);
  }
  Differences none;
  comparison.compare(*left, *left, none);
  CHECK(none.empty());
  return 0;
}
