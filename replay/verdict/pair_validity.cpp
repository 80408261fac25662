#include "replay/verdict/pair_validity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "replay/verdict/verdict_text.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

// The same requests on the same schedule: plans of the two runs may differ by a request at the edge, not by more.
constexpr double planned_difference_max = 0.02;

[[nodiscard]] std::string run_problem(const MeasuredRun& run, const VerdictMethod& method) {
  if (!run.invalid.empty()) return run.invalid.front();
  if (run.answered < method.requests_min) {
    return fmt::format("only {} requests were answered; {} are needed", count_text(run.answered),
                       count_text(method.requests_min));
  }
  if (run.target_rate && run.achieved_rate < method.rate_share_min * *run.target_rate) {
    return fmt::format("{} were sent of the {} that were due", rate_text(run.achieved_rate),
                       rate_text(*run.target_rate));
  }
  return {};
}

[[nodiscard]] std::size_t count_valid(const std::vector<std::string>& invalid) {
  return static_cast<std::size_t>(std::ranges::count(invalid, std::string()));
}

[[nodiscard]] std::optional<std::string> cache_refusal(const VerdictInput& input) {
  if (!input.production_data_cache_ratio) return std::nullopt;
  const double production = *input.production_data_cache_ratio;
  for (const MeasuredPair& pair : input.pairs) {
    const auto ratio = pair.baseline.data_cache_ratio;
    if (!ratio || *ratio <= 0) continue;
    const double apart = *ratio > production ? *ratio / production : production / *ratio;
    if (apart <= input.method.cache_ratio_factor) continue;
    return fmt::format(
        "data to cache is {} to 1 here and {} to 1 in production: with another share of the data in memory, reads say "
        "nothing about production. Change shared_buffers or the amount of data",
        figure_text(*ratio), figure_text(production));
  }
  return std::nullopt;
}

}  // namespace

std::string invalidity_of(const MeasuredPair& pair, const VerdictMethod& method) {
  for (const MeasuredRun* run : {&pair.baseline, &pair.candidate}) {
    if (std::string problem = run_problem(*run, method); !problem.empty()) {
      return fmt::format("{}: {}", to_string(run->side), problem);
    }
  }
  const auto planned = static_cast<double>(std::max(pair.baseline.planned, pair.candidate.planned));
  const double apart =
      std::fabs(static_cast<double>(pair.baseline.planned) - static_cast<double>(pair.candidate.planned));
  if (apart > 1 && apart > planned_difference_max * planned) {
    return fmt::format("its runs had {} and {} requests: they are not the same load", count_text(pair.baseline.planned),
                       count_text(pair.candidate.planned));
  }
  return {};
}

std::vector<std::string> refusals_of(const VerdictInput& input, const std::vector<std::string>& invalid) {
  std::vector<std::string> reasons = input.refusals;
  std::uint64_t unaccounted = 0;
  for (const MeasuredPair& pair : input.pairs) unaccounted += pair.baseline.unaccounted + pair.candidate.unaccounted;
  if (unaccounted > 0) {
    reasons.push_back(fmt::format("{} requests are unaccounted for: neither answered nor lost for a known reason",
                                  count_text(unaccounted)));
  }
  if (auto refusal = cache_refusal(input)) reasons.push_back(std::move(*refusal));
  const std::size_t valid = count_valid(invalid);
  const std::size_t left_out = invalid.size() - valid;
  if (static_cast<double>(left_out) > input.method.invalid_share_max * static_cast<double>(invalid.size())) {
    const auto first = std::ranges::find_if(invalid, [](const std::string& reason) { return !reason.empty(); });
    reasons.push_back(fmt::format("{} of {} pairs say nothing; the first: {}", left_out, invalid.size(), *first));
  }
  if (valid < input.method.pairs_needed) {
    reasons.push_back(fmt::format("there are {} valid pairs, and {} are needed", valid, input.method.pairs_needed));
  }
  return reasons;
}

std::vector<std::string> cache_warnings(const VerdictInput& input) {
  std::vector<std::string> warnings;
  const bool is_known = std::ranges::any_of(
      input.pairs, [](const MeasuredPair& pair) { return pair.baseline.data_cache_ratio.value_or(0) > 0; });
  if (!input.production_data_cache_ratio) {
    warnings.emplace_back(
        "the plan does not say how large production's data is beside its cache: with another ratio here the verdict "
        "may "
        "not hold there");
  } else if (!is_known && !input.pairs.empty()) {
    warnings.emplace_back("the ratio of data to cache is not known here, so it was not compared with production's");
  }
  return warnings;
}

}  // namespace understudy
