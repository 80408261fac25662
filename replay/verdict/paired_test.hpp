// Tests of paired differences: Student's t, the exact sign-flip test, equivalence, and Holm's adjustment.
//
// Pure functions; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace understudy {

struct PairedEstimate {
  std::size_t count = 0;
  double mean = 0;
  double standard_error = 0;  // of the mean; 0 for fewer than two differences, or equal ones
};
[[nodiscard]] PairedEstimate estimate_paired(std::span<const double> differences);

struct Interval {
  double low = 0;
  double high = 0;
};
// The t interval of the mean. REQUIRES: estimate.count >= 2, 0 < confidence < 1.
[[nodiscard]] Interval t_interval(const PairedEstimate& estimate, double confidence);

// Two-sided p of "the mean is 0". Differences that are all equal give 0, or 1 when they are 0.
// REQUIRES: estimate.count >= 2.
[[nodiscard]] double paired_t_test(const PairedEstimate& estimate);

// The larger p of the two one-sided t tests of "the mean lies outside of [-bound, bound]" (TOST; D. Schuirmann, 1987):
// below alpha it lies inside. REQUIRES: estimate.count >= 2, bound > 0.
[[nodiscard]] double equivalence_test(const PairedEstimate& estimate, double bound);

// Two-sided p of the sign-flip test: of all 2^n ways to give the differences signs, the share whose sum is at least as
// far from 0 (R. A. Fisher, 1935). Exact; assumes only that without an effect each difference is symmetric about 0.
// Cost: 2^(n-1) additions. REQUIRES: 1 <= n <= sign_flip_max.
inline constexpr std::size_t sign_flip_max = 24;
[[nodiscard]] double sign_flip_test(std::span<const double> differences);

// Adjusted p values (S. Holm, 1979), in the order given: each may be compared with alpha, and the chance of one false
// finding in the whole family stays below it. Absent values are no part of the family.
[[nodiscard]] std::vector<std::optional<double>> holm_adjust(std::span<const std::optional<double>> p_values);

}  // namespace understudy
