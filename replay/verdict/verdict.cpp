#include "replay/verdict/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "replay/verdict/metric_comparison.hpp"
#include "replay/verdict/pair_validity.hpp"
#include "replay/verdict/part_verdicts.hpp"
#include "replay/verdict/verdict_text.hpp"
#include "traffic/base/check.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

[[nodiscard]] std::string capitalised(std::string text) {
  if (!text.empty()) text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text;
}

// Keeps the valid pairs, and says of the others why they are left out.
[[nodiscard]] std::vector<MeasuredPair> valid_pairs(const std::vector<MeasuredPair>& pairs, const VerdictMethod& method,
                                                    std::string_view phase, std::vector<std::string>& invalid,
                                                    std::vector<std::string>& warnings) {
  std::vector<MeasuredPair> valid;
  for (const MeasuredPair& pair : pairs) {
    invalid.push_back(invalidity_of(pair, method));
    if (invalid.back().empty()) {
      valid.push_back(pair);
    } else {
      warnings.push_back(fmt::format("{} {} is left out: {}", phase, pair.number, invalid.back()));
    }
  }
  return valid;
}

[[nodiscard]] std::vector<MetricComparison> judge_totals(const std::vector<MeasuredPair>& noise_pairs,
                                                         const std::vector<MeasuredPair>& pairs,
                                                         const VerdictMethod& method) {
  std::set<Metric> measured;
  for (const MeasuredPair& pair : pairs) {
    for (const MeasuredRun* run : {&pair.baseline, &pair.candidate}) {
      for (const auto& [metric, value] : run->total.values) measured.insert(metric);
    }
  }
  ComparisonFamily headline(method);
  ComparisonFamily others(method);
  std::vector<std::pair<bool, std::size_t>> places;
  for (const Metric metric : measured) {
    MetricSample sample = sample_of(metric, noise_pairs, pairs);
    // Bytes stand in for read operations where nobody counted those.
    const bool stands_in = metric == Metric::device_read_bytes && !measured.contains(Metric::device_reads);
    sample.headline = is_total_headline(metric) || stands_in;
    ComparisonFamily& family = sample.headline ? headline : others;
    places.emplace_back(sample.headline, family.add(sample));
  }
  const auto headline_results = headline.judge();
  const auto other_results = others.judge();
  std::vector<MetricComparison> metrics;
  for (const auto& [is_headline, place] : places) {
    metrics.push_back(is_headline ? headline_results[place] : other_results[place]);
  }
  // What the verdict rests on comes first.
  std::ranges::stable_partition(metrics, [](const MetricComparison& metric) { return metric.headline; });
  return metrics;
}

[[nodiscard]] std::string interval_text(const MetricComparison& metric, double alpha) {
  const std::string confidence = share_text(1 - alpha);
  if (*metric.high < 1) {
    return fmt::format("{} interval: {} to {} less", confidence, share_text(1 - *metric.high),
                       share_text(1 - *metric.low));
  }
  return fmt::format("{} interval: {} to {} times", confidence, figure_text(*metric.low), figure_text(*metric.high));
}

[[nodiscard]] std::string change_sentence(const MetricComparison& metric, double alpha) {
  const MetricInfo& info = metric_info(metric.metric);
  const std::string name = capitalised(std::string(info.name));
  std::string text = fmt::format("{} {}", name, change_text(*metric.ratio));
  return fmt::format("{}: from {} to {} ({}).", text, metric_text(info, metric.baseline),
                     metric_text(info, metric.candidate), interval_text(metric, alpha));
}

// The first headline metric with the verdict: reads from the device come before everything else.
[[nodiscard]] const MetricComparison* first_with(const std::vector<MetricComparison>& metrics,
                                                 RehearsalVerdict verdict) {
  const auto found = std::ranges::find_if(
      metrics, [&](const MetricComparison& metric) { return metric.headline && metric.verdict == verdict; });
  return found == metrics.end() ? nullptr : &*found;
}

[[nodiscard]] std::string headline_of(const JudgedRehearsal& judged, const VerdictMethod& method) {
  if (!judged.refused.empty()) return fmt::format("No verdict: {}.", judged.refused.front());
  const MetricComparison* metric = first_with(judged.metrics, judged.verdict);
  if (metric == nullptr) return "No verdict: nothing was measured that a verdict could rest on.";
  switch (judged.verdict) {
    case RehearsalVerdict::improved:
    case RehearsalVerdict::regressed: return change_sentence(*metric, method.alpha);
    case RehearsalVerdict::equivalent:
      return fmt::format("Nothing that counts changed by more than {} times, either way, or by more than matters.",
                         figure_text(method.margin));
    case RehearsalVerdict::inconclusive: break;
  }
  return fmt::format("No verdict: {} {}.", metric_info(metric->metric).name, metric->reason);
}

void add_reasons(JudgedRehearsal& judged) {
  judged.reasons = judged.refused;
  static constexpr RehearsalVerdict order[] = {RehearsalVerdict::regressed, RehearsalVerdict::improved,
                                               RehearsalVerdict::inconclusive, RehearsalVerdict::equivalent};
  for (const RehearsalVerdict verdict : order) {
    for (const MetricComparison& metric : judged.metrics) {
      if (!metric.headline || metric.verdict != verdict) continue;
      judged.reasons.push_back(
          fmt::format("{}: {}, {}", to_string(verdict), metric_info(metric.metric).name, metric.reason));
    }
  }
  if (judged.reasons.empty()) judged.reasons.emplace_back("nothing was measured that a verdict could rest on");
}

}  // namespace

std::string_view to_string(RehearsalVerdict verdict) {
  switch (verdict) {
    case RehearsalVerdict::improved: return "improved";
    case RehearsalVerdict::regressed: return "regressed";
    case RehearsalVerdict::equivalent: return "equivalent";
    case RehearsalVerdict::inconclusive: return "inconclusive";
  }
  return "";
}

std::string_view to_string(RunSide side) { return side == RunSide::baseline ? "baseline" : "candidate"; }

std::string_view to_string(ClassPresence presence) {
  switch (presence) {
    case ClassPresence::both: return "both";
    case ClassPresence::appeared: return "new";
    case ClassPresence::vanished: return "vanished";
  }
  return "";
}

JudgedRehearsal judge_rehearsal(const VerdictInput& input) {
  const VerdictMethod& method = input.method;
  CHECK(input.pairs.size() <= VerdictMethod::pairs_max && method.margin > 1 && method.alpha > 0 && method.alpha < 0.5);
  JudgedRehearsal judged;
  const auto pairs = valid_pairs(input.pairs, method, "pair", judged.invalid_pairs, judged.warnings);
  const auto noise_pairs =
      valid_pairs(input.noise_pairs, method, "A/A pair", judged.invalid_noise_pairs, judged.warnings);
  judged.pairs = pairs.size();
  judged.refused = refusals_of(input, judged.invalid_pairs);
  for (std::string& warning : cache_warnings(input)) judged.warnings.push_back(std::move(warning));
  if (noise_pairs.empty()) {
    judged.warnings.emplace_back("there is no valid A/A pair, so nothing is known of the noise between equal runs");
  }
  judged.metrics = judge_totals(noise_pairs, pairs, method);
  judged.classes = judge_classes(noise_pairs, pairs, method);
  judged.routes = judge_routes(noise_pairs, pairs, method);
  std::size_t telling = 0;
  judged.verdict = judged.refused.empty() ? combine(judged.metrics, telling) : RehearsalVerdict::inconclusive;
  judged.headline = headline_of(judged, method);
  add_reasons(judged);
  return judged;
}

}  // namespace understudy
