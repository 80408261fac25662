#include "replay/compare/header_comparison.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "replay/compare/set_cookie.hpp"
#include "replay/compare/shown_value.hpp"
#include "traffic/rules/marker.hpp"
#include "traffic/rules/query.hpp"

namespace understudy {
namespace {

// All values of that name; nothing when there is none.
std::optional<std::string> joined_values(const HttpMessage& message, std::string_view name) {
  std::optional<std::string> joined;
  for (const FieldLine& field : message.fields()) {
    if (!equals_ignoring_case(message.name(field), name)) continue;
    if (joined) joined->append(", ");
    if (!joined) joined.emplace();
    joined->append(message.value(field));
  }
  return joined;
}

// Whether another field of the same name stands in front of this one.
bool is_repeated(const HttpMessage& message, std::size_t index) {
  const std::string_view name = message.name(message.fields()[index]);
  return std::ranges::any_of(message.fields().first(index),
                             [&](const FieldLine& field) { return equals_ignoring_case(message.name(field), name); });
}

// A media type without what may be written in several ways: white space, and the case of all of it.
std::string comparable_type(std::string_view type) {
  std::string plain;
  for (const char c : type) {
    if (c == ' ' || c == '\t' || c == '"') continue;
    plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
  return plain;
}

void compare_content_type(const HttpMessage& expected, const HttpMessage& actual, Differences& differences) {
  const std::string left = comparable_type(expected.field("content-type").value_or(std::string_view()));
  const std::string right = comparable_type(actual.field("content-type").value_or(std::string_view()));
  if (left == right) return;
  const auto shown = [](const std::string& type) { return type.empty() ? std::string(no_value) : shown_text(type); };
  std::string shape = shown(left) + " -> " + shown(right);
  differences.add({DifferenceKind::content_type, std::move(shape), shown(left), shown(right), 0});
}

bool is_same(std::string_view name, std::string_view expected, std::string_view actual, bool as_it_is) {
  if (expected == actual || is_marker(expected)) return true;
  if (as_it_is || !equals_ignoring_case(name, "location")) return false;
  // Each server redirects to itself.
  return expected.substr(split_target(expected).prefix.size()) == actual.substr(split_target(actual).prefix.size());
}

void compare_field(const CompareRules& rules, std::string_view name, const std::optional<std::string>& expected,
                   const std::optional<std::string>& actual, Differences& differences) {
  if (expected && actual && is_same(name, *expected, *actual, rules.keeps_header(name))) return;
  const bool hidden = rules.hides(DifferenceKind::header, name);
  const auto shown = [hidden](const std::optional<std::string>& value) {
    if (!value) return std::string(no_value);
    return hidden ? std::string(hidden_value) : shown_text(*value);
  };
  differences.add({DifferenceKind::header, shown_header_name(name), shown(expected), shown(actual), 0});
}

bool is_compared(const CompareRules& rules, std::string_view name) {
  if (equals_ignoring_case(name, "content-type")) return false;  // a kind of its own
  if (equals_ignoring_case(name, "set-cookie") && !rules.keeps_header(name)) return false;
  return !rules.ignores_header(name);
}

}  // namespace

void compare_headers(const CompareRules& rules, const HttpMessage& expected, const HttpMessage& actual,
                     Differences& differences) {
  if (!rules.ignores_header("content-type")) compare_content_type(expected, actual, differences);
  const auto left = expected.fields();
  const auto right = actual.fields();
  for (std::size_t i = 0; i < left.size(); ++i) {
    const std::string_view name = expected.name(left[i]);
    if (!is_compared(rules, name) || is_repeated(expected, i)) continue;
    compare_field(rules, name, joined_values(expected, name), joined_values(actual, name), differences);
  }
  for (std::size_t i = 0; i < right.size(); ++i) {
    const std::string_view name = actual.name(right[i]);
    if (!is_compared(rules, name) || is_repeated(actual, i) || expected.field(name)) continue;
    compare_field(rules, name, std::nullopt, joined_values(actual, name), differences);
  }
  if (!rules.ignores_header("set-cookie") && !rules.keeps_header("set-cookie")) {
    compare_cookies(expected, actual, differences);
  }
}

}  // namespace understudy
