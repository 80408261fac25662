#include "replay/environment/statistics_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "replay/compare/shown_value.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

constexpr std::array<std::string_view, 5> outcome_names = {"as_ruled", "violated", "ignored", "unknown_changed",
                                                           "unknown_unchanged"};
constexpr std::array<std::string_view, 3> verdict_names = {"passed", "violated", "inconclusive"};

// Why a rule about numbers does not hold; "" when it does.
[[nodiscard]] std::string number_violation(const StatisticsRule& rule, const JsonLeaf& before, const JsonLeaf& after) {
  if (!is_number(before) || !is_number(after)) return is_equal(before, after) ? "" : "is no number";
  const long double earlier = number_of(before);
  const long double change = number_of(after) - earlier;
  if (rule.kind == StatisticsRuleKind::monotone) return change < 0 ? "falls" : "";
  const long double allowed = std::fabs(earlier) * static_cast<long double>(rule.within.per_million);
  if (std::fabs(change) * percentage_whole <= allowed) return "";
  if (earlier == 0) return "was 0, of which a share is 0";
  return fmt::format("changes by {:.2f} %", static_cast<double>(change / std::fabs(earlier) * 100));
}

[[nodiscard]] std::string violation(const StatisticsRule& rule, const std::optional<JsonLeaf>& before,
                                    const std::optional<JsonLeaf>& after) {
  if (!before) return "appears";
  if (!after) return "disappears";
  if (rule.kind == StatisticsRuleKind::equal) return is_equal(*before, *after) ? "" : "differs";
  return number_violation(rule, *before, *after);
}

[[nodiscard]] StatisticResult result_of(const std::string& path, std::optional<JsonLeaf> before,
                                        std::optional<JsonLeaf> after, const StatisticsRules& rules) {
  StatisticResult result{path, StatisticOutcome::as_ruled, std::move(before), std::move(after), {}, {}};
  const StatisticsRule* const rule = rules.find(path);
  if (rule == nullptr) {
    const bool is_same = result.before && result.after && is_equal(*result.before, *result.after);
    result.outcome = is_same ? StatisticOutcome::unknown_unchanged : StatisticOutcome::unknown_changed;
    return result;
  }
  result.rule = rule->text;
  if (rule->kind == StatisticsRuleKind::ignore) {
    result.outcome = StatisticOutcome::ignored;
    return result;
  }
  result.reason = violation(*rule, result.before, result.after);
  if (!result.reason.empty()) result.outcome = StatisticOutcome::violated;
  return result;
}

[[nodiscard]] std::string shown_leaf(const std::optional<JsonLeaf>& leaf) {
  return leaf ? shown_text(to_json(*leaf)) : std::string("(not there)");
}

void append_paths(std::string& text, const StatisticsComparison& comparison, StatisticOutcome outcome,
                  std::string_view title, std::size_t lines_max) {
  const std::size_t count = comparison.count(outcome);
  if (count == 0) return;
  fmt::format_to(std::back_inserter(text), "{}:\n", title);
  std::size_t shown = 0;
  for (const StatisticResult& result : comparison.results) {
    if (result.outcome != outcome) continue;
    if (shown++ == lines_max) break;
    std::string path;
    append_printable(path, result.path);
    fmt::format_to(std::back_inserter(text), "  {}  {} -> {}", path, shown_leaf(result.before),
                   shown_leaf(result.after));
    if (!result.reason.empty()) fmt::format_to(std::back_inserter(text), "  {}  ({})", result.reason, result.rule);
    text += '\n';
  }
  if (count > lines_max) fmt::format_to(std::back_inserter(text), "  and {} more\n", count_text(count - lines_max));
}

}  // namespace

std::string_view to_string(StatisticOutcome outcome) { return outcome_names.at(static_cast<std::size_t>(outcome)); }

std::size_t StatisticsComparison::count(StatisticOutcome outcome) const {
  return static_cast<std::size_t>(std::ranges::count(results, outcome, &StatisticResult::outcome));
}

StatisticsVerdict StatisticsComparison::verdict() const {
  if (count(StatisticOutcome::violated) > 0) return StatisticsVerdict::violated;
  return count(StatisticOutcome::unknown_changed) > 0 ? StatisticsVerdict::inconclusive : StatisticsVerdict::passed;
}

StatisticsComparison compare_statistics(const FlatJson& before, const FlatJson& after, const StatisticsRules& rules) {
  StatisticsComparison comparison;
  auto earlier = before.begin();
  auto later = after.begin();
  while (earlier != before.end() || later != after.end()) {
    const bool takes_earlier = later == after.end() || (earlier != before.end() && earlier->first <= later->first);
    const bool takes_later = earlier == before.end() || (later != after.end() && later->first <= earlier->first);
    const std::string& path = takes_earlier ? earlier->first : later->first;
    comparison.results.push_back(result_of(path, takes_earlier ? std::optional(earlier->second) : std::nullopt,
                                           takes_later ? std::optional(later->second) : std::nullopt, rules));
    if (takes_earlier) ++earlier;
    if (takes_later) ++later;
  }
  return comparison;
}

std::string to_text(const StatisticsComparison& comparison, std::size_t lines_max) {
  std::string text;
  const auto count = [&](StatisticOutcome outcome) { return count_text(comparison.count(outcome)); };
  fmt::format_to(std::back_inserter(text),
                 "statistics {}: {} as ruled, {} violated, {} ignored; without a rule {} changed, {} unchanged\n",
                 verdict_names.at(static_cast<std::size_t>(comparison.verdict())), count(StatisticOutcome::as_ruled),
                 count(StatisticOutcome::violated), count(StatisticOutcome::ignored),
                 count(StatisticOutcome::unknown_changed), count(StatisticOutcome::unknown_unchanged));
  append_paths(text, comparison, StatisticOutcome::violated, "violated", lines_max);
  append_paths(text, comparison, StatisticOutcome::unknown_changed, "changed, and no rule says whether it may",
               lines_max);
  append_paths(text, comparison, StatisticOutcome::unknown_unchanged, "unchanged, without a rule", lines_max);
  return text;
}

std::string to_json(const StatisticsComparison& comparison) {
  JsonWriter json;
  json.begin_object().member("verdict", verdict_names.at(static_cast<std::size_t>(comparison.verdict())));
  json.key("counts").begin_object();
  for (std::size_t i = 0; i < outcome_names.size(); ++i) {
    json.member(outcome_names.at(i), comparison.count(static_cast<StatisticOutcome>(i)));
  }
  json.end_object().key("paths").begin_array();
  for (const StatisticResult& result : comparison.results) {
    json.begin_object().member("path", std::string_view(result.path)).member("outcome", to_string(result.outcome));
    json.member("rule", std::string_view(result.rule)).member("reason", std::string_view(result.reason));
    if (result.before) json.key("before").raw(to_json(*result.before));
    if (result.after) json.key("after").raw(to_json(*result.after));
    json.end_object();
  }
  json.end_array().end_object();
  return json.take();
}

}  // namespace understudy
