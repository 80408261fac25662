#include "replay/environment/statistics_rules.hpp"

#include <fmt/format.h>

#include <span>

#include "replay/environment/json_flatten.hpp"

namespace understudy {
namespace {

constexpr std::string_view any_segment = "*";
constexpr std::string_view any_segments = "**";

// Whether the pattern covers the whole path. Goes back to the last "**" only, so it takes at most the product of both
// lengths.
[[nodiscard]] bool matches(std::span<const std::string> pattern, std::span<const std::string> path) {
  std::size_t at = 0;
  std::size_t next = 0;
  std::optional<std::size_t> star;  // the last "**", and from where it took segments
  std::size_t taken = 0;
  while (next < path.size()) {
    if (at < pattern.size() && pattern[at] == any_segments) {
      star = at++;
      taken = next;
    } else if (at < pattern.size() && (pattern[at] == any_segment || pattern[at] == path[next])) {
      ++at;
      ++next;
    } else if (star) {
      at = *star + 1;
      next = ++taken;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == any_segments) ++at;
  return at == pattern.size();
}

[[nodiscard]] std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

[[nodiscard]] Result<StatisticsRule> parse_rule(const std::string& text) {
  const auto refuse = [&](std::string_view why) {
    return fail(ExitCode::usage, fmt::format("cannot read the rule '{}': {}; a rule is '/path/*/name = equal', or "
                                             "'within 5%', 'monotone' or 'ignore' behind the sign",
                                             text, why));
  };
  const std::size_t sign = text.rfind('=');  // a path may hold the sign, what follows it does not
  if (sign == std::string::npos) return refuse("there is no '='");
  const std::string_view path = trimmed(std::string_view(text).substr(0, sign));
  const std::string_view kind = trimmed(std::string_view(text).substr(sign + 1));
  if (!path.empty() && path.front() != '/') return refuse("its path does not begin with '/'");
  StatisticsRule rule{text, pointer_segments(path), StatisticsRuleKind::equal, {}};
  constexpr std::string_view within = "within ";
  if (kind == "equal") return rule;
  if (kind == "monotone") {
    rule.kind = StatisticsRuleKind::monotone;
  } else if (kind == "ignore") {
    rule.kind = StatisticsRuleKind::ignore;
  } else if (kind.starts_with(within)) {
    const Result<Percentage> share = parse_percentage(kind.substr(within.size()));
    if (!share) return refuse(share.error().message);
    rule.kind = StatisticsRuleKind::within;
    rule.within = *share;
  } else {
    return refuse(fmt::format("'{}' is no kind of rule", kind));
  }
  return rule;
}

}  // namespace

Result<StatisticsRules> StatisticsRules::compile(const std::vector<std::string>& rules) {
  if (rules.size() > rules_max) return fail(ExitCode::usage, fmt::format("there are more than {} rules", rules_max));
  StatisticsRules compiled;
  for (const std::string& text : rules) {
    Result<StatisticsRule> rule = parse_rule(text);
    if (!rule) return tl::unexpected(rule.error());
    compiled.rules_.push_back(std::move(*rule));
  }
  return compiled;
}

const StatisticsRule* StatisticsRules::find(std::string_view pointer) const {
  const std::vector<std::string> path = pointer_segments(pointer);
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if (matches(rule->pattern, path)) return &*rule;
  }
  return nullptr;
}

}  // namespace understudy
