#include "replay/verdict/paired_test.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

#include "replay/verdict/student_t.hpp"
#include "traffic/base/check.hpp"

namespace understudy {
namespace {

[[nodiscard]] double degrees_of(const PairedEstimate& estimate) {
  CHECK(estimate.count >= 2);
  return static_cast<double>(estimate.count - 1);
}

// How many standard errors `value` is; infinite when there is no spread.
[[nodiscard]] double in_standard_errors(double value, double standard_error) {
  if (standard_error > 0) return value / standard_error;
  if (value == 0) return 0;
  return std::copysign(std::numeric_limits<double>::infinity(), value);
}

}  // namespace

PairedEstimate estimate_paired(std::span<const double> differences) {
  PairedEstimate estimate;
  estimate.count = differences.size();
  if (differences.empty()) return estimate;
  const auto count = static_cast<double>(differences.size());
  estimate.mean = std::accumulate(differences.begin(), differences.end(), 0.0) / count;
  if (differences.size() < 2) return estimate;
  double squares = 0;
  for (const double difference : differences) squares += (difference - estimate.mean) * (difference - estimate.mean);
  estimate.standard_error = std::sqrt(squares / (count - 1) / count);
  // Equal differences may leave a trace of rounding.
  if (estimate.standard_error < 1e-14 * std::fabs(estimate.mean)) estimate.standard_error = 0;
  return estimate;
}

Interval t_interval(const PairedEstimate& estimate, double confidence) {
  const double reach = student_t_quantile(0.5 + confidence / 2, degrees_of(estimate)) * estimate.standard_error;
  return {estimate.mean - reach, estimate.mean + reach};
}

double paired_t_test(const PairedEstimate& estimate) {
  return student_t_two_sided(in_standard_errors(estimate.mean, estimate.standard_error), degrees_of(estimate));
}

double equivalence_test(const PairedEstimate& estimate, double bound) {
  const double degrees = degrees_of(estimate);
  const double above =
      student_t_upper_tail(in_standard_errors(estimate.mean + bound, estimate.standard_error), degrees);
  const double below =
      student_t_upper_tail(in_standard_errors(bound - estimate.mean, estimate.standard_error), degrees);
  return std::max(above, below);
}

double sign_flip_test(std::span<const double> differences) {
  CHECK(!differences.empty() && differences.size() <= sign_flip_max);
  double sum = 0;
  double size = 0;
  for (const double difference : differences) {
    sum += difference;
    size += std::fabs(difference);
  }
  // Sums that are equal but for rounding count as equal.
  const double observed = std::fabs(sum) - 1e-9 * size;
  // The last sign stays as it is, since a sum and its opposite count alike; the others go through a Gray code, so that
  // each step flips one.
  const std::uint32_t ways = std::uint32_t{1} << (differences.size() - 1);
  std::vector<double> signed_values(differences.begin(), differences.end());
  std::uint32_t as_far = 0;
  for (std::uint32_t step = 1;; ++step) {
    if (std::fabs(sum) >= observed) ++as_far;
    if (step == ways) break;
    double& flipped = signed_values[static_cast<std::size_t>(std::countr_zero(step))];
    sum -= 2 * flipped;
    flipped = -flipped;
  }
  return static_cast<double>(as_far) / static_cast<double>(ways);
}

std::vector<std::optional<double>> holm_adjust(std::span<const std::optional<double>> p_values) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p_values.size(); ++i) {
    if (p_values[i]) order.push_back(i);
  }
  std::ranges::sort(order, {}, [&](std::size_t i) { return *p_values[i]; });
  std::vector<std::optional<double>> adjusted(p_values.size());
  double highest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const auto left = static_cast<double>(order.size() - rank);
    highest = std::max(highest, std::min(1.0, left * *p_values[order[rank]]));
    adjusted[order[rank]] = highest;
  }
  return adjusted;
}

}  // namespace understudy
