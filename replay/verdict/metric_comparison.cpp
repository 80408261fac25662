#include "replay/verdict/metric_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "replay/verdict/verdict_text.hpp"
#include "traffic/base/check.hpp"

namespace understudy {
namespace {

[[nodiscard]] double with_half_unit(const MetricInfo& info, double value, double scale) {
  return scale > 0 ? value + info.half_unit / scale : value;
}

[[nodiscard]] double geometric_mean(const MetricInfo& info, const std::vector<PairedValue>& pairs, bool of_candidate) {
  if (pairs.empty()) return 0;
  double logs = 0;
  double half = 0;
  for (const PairedValue& pair : pairs) {
    const double scale = of_candidate ? pair.candidate_scale : pair.baseline_scale;
    const double value = of_candidate ? pair.candidate : pair.baseline;
    const double shifted = with_half_unit(info, value, scale);
    if (!(shifted > 0)) return 0;
    logs += std::log(shifted);
    half += shifted - value;
  }
  const auto count = static_cast<double>(pairs.size());
  const double mean = std::exp(logs / count) - half / count;
  return mean > 1e-9 * half / count ? mean : 0;  // what rounding leaves of nothing
}

}  // namespace

std::optional<double> log_ratio(const MetricInfo& info, const PairedValue& pair) {
  const double baseline = with_half_unit(info, pair.baseline, pair.baseline_scale);
  const double candidate = with_half_unit(info, pair.candidate, pair.candidate_scale);
  if (!(baseline > 0) || !(candidate > 0)) return std::nullopt;
  const double ratio = std::log(candidate / baseline);
  if (!std::isfinite(ratio)) return std::nullopt;
  return ratio;
}

std::size_t ComparisonFamily::add(const MetricSample& sample) {
  CHECK(sample.pairs.size() <= VerdictMethod::pairs_max);
  const MetricInfo& info = metric_info(sample.metric);
  Tested tested;
  tested.missing = sample.missing;
  tested.shown.metric = sample.metric;
  tested.shown.headline = sample.headline;
  tested.shown.margin = method_.margin;
  tested.shown.baseline = geometric_mean(info, sample.pairs, false);
  tested.shown.candidate = geometric_mean(info, sample.pairs, true);
  tested.negligible = std::max(info.negligible, method_.relevant_share * sample.smaller_total);
  std::vector<double> differences;
  for (const PairedValue& pair : sample.pairs) {
    if (const auto ratio = log_ratio(info, pair)) {
      differences.push_back(*ratio);
    } else {
      ++tested.missing;
    }
  }
  for (const PairedValue& pair : sample.pairs) {
    tested.largest_difference = std::max(tested.largest_difference, std::fabs(pair.candidate - pair.baseline));
    tested.rising += pair.candidate > pair.baseline ? 1U : 0U;
    tested.falling += pair.candidate < pair.baseline ? 1U : 0U;
  }
  test(sample, differences, tested);
  tested_.push_back(std::move(tested));
  return tested_.size() - 1;
}

void ComparisonFamily::test(const MetricSample& sample, const std::vector<double>& differences, Tested& tested) const {
  MetricComparison& shown = tested.shown;
  shown.pairs = differences.size();
  for (const PairedValue& pair : sample.noise_pairs) {
    if (const auto ratio = log_ratio(metric_info(sample.metric), pair)) {
      shown.noise_floor = std::max(shown.noise_floor.value_or(1), std::exp(std::fabs(*ratio)));
    }
  }
  const bool is_nothing = std::ranges::all_of(
      sample.pairs, [](const PairedValue& pair) { return pair.baseline == 0 && pair.candidate == 0; });
  if (differences.size() < 2 || is_nothing) return;
  const PairedEstimate estimate = estimate_paired(differences);
  const Interval interval = t_interval(estimate, 1 - method_.alpha);
  tested.mean = estimate.mean;
  shown.ratio = std::exp(estimate.mean);
  shown.low = std::exp(interval.low);
  shown.high = std::min(std::exp(interval.high), 1e12);
  if (differences.size() < method_.pairs_needed) return;
  shown.p_t = paired_t_test(estimate);
  shown.p_sign_flip = sign_flip_test(differences);
  tested.equivalence = equivalence_test(estimate, std::log(method_.margin));
}

std::vector<MetricComparison> ComparisonFamily::judge() {
  std::vector<std::optional<double>> p_values;
  for (const Tested& tested : tested_) p_values.push_back(tested.shown.p_t);
  const auto adjusted = holm_adjust(p_values);
  std::vector<MetricComparison> judged;
  for (std::size_t i = 0; i < tested_.size(); ++i) {
    tested_[i].shown.p_adjusted = adjusted[i];
    decide(tested_[i]);
    judged.push_back(tested_[i].shown);
  }
  return judged;
}

void ComparisonFamily::decide(Tested& tested) const {
  MetricComparison& shown = tested.shown;
  const MetricInfo& info = metric_info(shown.metric);
  shown.verdict = RehearsalVerdict::inconclusive;
  if (shown.pairs < method_.pairs_needed) {
    shown.reason = shown.pairs == 0 ? std::string("it was not measured in any pair")
                                    : fmt::format("{} valid {} with it; {} are needed", shown.pairs,
                                                  shown.pairs == 1 ? "pair" : "pairs", method_.pairs_needed);
    return;
  }
  if (!tested.mean) {
    shown.verdict = RehearsalVerdict::equivalent;
    shown.reason = "none on either side";
    return;
  }
  if (tested.largest_difference <= tested.negligible) {
    shown.verdict = RehearsalVerdict::equivalent;
    shown.reason =
        fmt::format("no pair differs by more than {}, which does not matter", metric_text(info, tested.negligible));
    return;
  }
  if (*tested.equivalence < method_.alpha) {
    shown.verdict = RehearsalVerdict::equivalent;
    shown.reason = fmt::format("{}, within the margin of {} times", ratio_text(tested), figure_text(method_.margin));
    return;
  }
  if (std::string text = doubt(tested); !text.empty()) {
    shown.reason = fmt::format("{}: {}", ratio_text(tested), text);
    return;
  }
  shown.verdict = *tested.mean < 0 ? RehearsalVerdict::improved : RehearsalVerdict::regressed;
  const std::size_t agreeing = *tested.mean < 0 ? tested.falling : tested.rising;
  shown.reason = fmt::format("{}, {} of {} pairs agree", ratio_text(tested), agreeing, shown.pairs);
}

std::string ComparisonFamily::ratio_text(const Tested& tested) const {
  return fmt::format("{} times ({} to {})", figure_text(*tested.shown.ratio), figure_text(*tested.shown.low),
                     figure_text(*tested.shown.high));
}

std::string ComparisonFamily::doubt(const Tested& tested) const {
  const MetricComparison& shown = tested.shown;
  const MetricInfo& info = metric_info(shown.metric);
  if (*shown.p_t >= method_.alpha || *shown.p_sign_flip >= method_.alpha) {
    return fmt::format("the pairs do not tell a change from chance ({})",
                       p_text(std::max(*shown.p_t, *shown.p_sign_flip)));
  }
  if (*shown.p_adjusted >= method_.alpha) {
    return fmt::format("so many figures were tested that one such by chance is likely (adjusted {})",
                       p_text(*shown.p_adjusted));
  }
  const double distance = std::fabs(*tested.mean);
  if (shown.noise_floor && distance <= std::log(*shown.noise_floor)) {
    return fmt::format("two runs of the baseline differed by as much ({} times)", figure_text(*shown.noise_floor));
  }
  if (distance <= std::log(method_.margin)) {
    return fmt::format("a change within the margin of {} times, of which the interval leaves a part outside",
                       figure_text(method_.margin));
  }
  if (std::fabs(shown.candidate - shown.baseline) <= tested.negligible) {
    return fmt::format("a change of less than {} does not matter, but single pairs show more",
                       metric_text(info, tested.negligible));
  }
  return {};
}

}  // namespace understudy
