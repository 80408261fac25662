#include "traffic/rules/filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

namespace understudy {
namespace {

struct Operator {
  std::string_view text;
  bool negated;
  bool is_pattern;
};

// Longer ones first, since "=" begins "=~".
constexpr std::array<Operator, 4> operators{
    {{"=~", false, true}, {"!~", true, true}, {"!=", true, false}, {"=", false, false}}};

struct FoundOperator {
  const Operator* kind = nullptr;
  std::size_t position = 0;
};

std::optional<FoundOperator> find_operator(std::string_view part) {
  for (std::size_t i = 0; i < part.size(); ++i) {
    for (const Operator& kind : operators) {
      if (part.substr(i).starts_with(kind.text)) return FoundOperator{&kind, i};
    }
  }
  return std::nullopt;
}

// The pieces of "a,b,c", trimmed.
std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> pieces;
  while (true) {
    const std::size_t comma = text.find(',');
    pieces.push_back(trim_blanks(text.substr(0, comma)));
    if (comma == std::string_view::npos) return pieces;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<Filter> Filter::compile(const RuleText& rule) {
  Filter filter;
  for (const std::string_view part : split_outside_quotes(rule.text, " and ")) {
    auto condition = compile_condition(rule, part);
    if (!condition) return tl::unexpected(std::move(condition.error()));
    filter.conditions_.push_back(std::move(*condition));
  }
  return filter;
}

Result<Filter::Condition> Filter::compile_condition(const RuleText& rule, std::string_view part) {
  Condition condition;
  const auto found = find_operator(part);
  std::string_view subject = trim_blanks(part.substr(0, found ? found->position : part.size()));
  if (!found && subject.starts_with('!')) {
    condition.negated = true;
    subject.remove_prefix(1);
  }
  auto selector = Selector::parse(rule, subject);
  if (!selector) {
    Error error = std::move(selector.error());
    if (part.data() != rule.text.data()) error.message += "; put a value with ' and ' in it in double quotes";
    return tl::unexpected(std::move(error));
  }
  condition.selector = std::move(*selector);
  if (!found) {
    if (condition.selector.has_name()) return condition;
    return rule_error(rule, part, fmt::format("'{}' is always present: compare it, as in {}=VALUE", subject, subject));
  }
  condition.negated = found->kind->negated;
  const std::string_view value = trim_blanks(part.substr(found->position + found->kind->text.size()));
  return compile_comparison(rule, std::move(condition), found->kind->is_pattern, value);
}

Result<Filter::Condition> Filter::compile_comparison(const RuleText& rule, Condition condition, bool is_pattern,
                                                     std::string_view part) {
  const auto value = unquote(part);
  if (!value) return rule_error(rule, part, "the double quotes do not enclose the whole value");
  const Subject subject = condition.selector.subject;
  if (subject == Subject::client) {
    if (is_pattern) return rule_error(rule, part, "client takes = or != with addresses or ranges such as 10.0.0.0/8");
    for (const std::string_view piece : split_list(*value)) {
      const auto range = IpRange::parse(piece);
      if (!range) return rule_error(rule, part, fmt::format("'{}' is neither an IP address nor a range", piece));
      condition.ranges.push_back(*range);
    }
    return condition;
  }
  const bool caret_path = (subject == Subject::path || subject == Subject::url) && value->starts_with('^');
  if (is_pattern || caret_path) {
    auto pattern = Pattern::compile(rule, part, *value);
    if (!pattern) return tl::unexpected(std::move(pattern.error()));
    condition.patterns.push_back(std::move(*pattern));
    return condition;
  }
  if (subject != Subject::method) {
    condition.values.push_back(*value);
    return condition;
  }
  for (const std::string_view piece : split_list(*value)) {
    if (!is_token(piece)) return rule_error(rule, part, fmt::format("'{}' cannot be a method", piece));
    condition.values.emplace_back(piece);
  }
  return condition;
}

bool Filter::matches(const CapturedRequest& request) const {
  return std::ranges::all_of(conditions_,
                             [&](const Condition& condition) { return condition.finds(request) != condition.negated; });
}

bool Filter::Condition::finds(const CapturedRequest& request) const {
  if (selector.subject == Subject::client) {
    return std::ranges::any_of(ranges, [&](const IpRange& range) { return range.contains(request.client.address); });
  }
  return any_value(selector, request.message, [this](std::string_view value) { return accepts(value); });
}

bool Filter::Condition::accepts(std::string_view value) const {
  const bool encoded = selector.subject == Subject::param;
  if (!patterns.empty()) {
    if (!encoded) return patterns.front().matches(value);
    std::string storage;
    return patterns.front().matches(decode_parameter(value, storage));
  }
  if (values.empty()) return true;
  return std::ranges::any_of(
      values, [&](const std::string& wanted) { return encoded ? decodes_to(value, wanted) : value == wanted; });
}

}  // namespace understudy
