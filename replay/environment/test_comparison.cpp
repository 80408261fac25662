#include "replay/environment/test_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_map>

#include "replay/compare/shown_value.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

constexpr std::array<std::string_view, 7> names = {"passes",  "broken",      "repaired",   "still_failing",
                                                   "missing", "new_passing", "new_failing"};

[[nodiscard]] TestChange change_of(bool before, bool after) {
  if (before) return after ? TestChange::passes : TestChange::broken;
  return after ? TestChange::repaired : TestChange::still_failing;
}

}  // namespace

std::string_view to_string(TestChange change) { return names.at(static_cast<std::size_t>(change)); }

std::size_t TestComparison::count(TestChange change) const {
  return static_cast<std::size_t>(std::ranges::count(tests, change, &TestDifference::change));
}

bool TestComparison::is_no_worse() const {
  return count(TestChange::broken) + count(TestChange::missing) + count(TestChange::new_failing) == 0;
}

TestComparison compare_tests(const TestPayload& before, const TestPayload& after) {
  std::unordered_map<std::string_view, bool> earlier;
  for (const ServiceTest& test : before.tests) earlier.emplace(test.name, test.success);
  TestComparison comparison;
  for (const ServiceTest& test : after.tests) {
    const auto found = earlier.find(test.name);
    const TestChange change = found != earlier.end() ? change_of(found->second, test.success)
                              : test.success         ? TestChange::new_passing
                                                     : TestChange::new_failing;
    comparison.tests.push_back({test.name, change, test.error});
    if (found != earlier.end()) earlier.erase(found);
  }
  for (const ServiceTest& test : before.tests) {
    if (earlier.contains(test.name)) comparison.tests.push_back({test.name, TestChange::missing, {}});
  }
  return comparison;
}

std::string to_text(const TestComparison& comparison) {
  std::string text;
  for (const TestDifference& test : comparison.tests) {
    if (test.change == TestChange::passes) continue;
    fmt::format_to(std::back_inserter(text), "{:<13} {}", to_string(test.change), shown_text(test.name));
    if (!test.error.empty()) fmt::format_to(std::back_inserter(text), ": {}", shown_text(test.error));
    text += '\n';
  }
  const auto count = [&](TestChange change) { return comparison.count(change); };
  fmt::format_to(std::back_inserter(text), "{} tests: {} as before, {} broken, {} missing, {} new and failing\n",
                 comparison.tests.size(), count(TestChange::passes) + count(TestChange::still_failing),
                 count(TestChange::broken), count(TestChange::missing), count(TestChange::new_failing));
  return text;
}

std::string to_json(const TestComparison& comparison) {
  JsonWriter json;
  json.begin_object().member("no_worse", comparison.is_no_worse()).key("tests").begin_array();
  for (const TestDifference& test : comparison.tests) {
    json.begin_object().member("name", test.name).member("change", to_string(test.change));
    json.member("error", test.error).end_object();
  }
  json.end_array().end_object();
  return json.take();
}

}  // namespace understudy
