// One metric over all pairs, tested and judged. The rules are in verdict.hpp.
//
// A family of tests is judged together: add all its samples, then judge() once.
// Values; any thread.
#pragma once

#include <optional>
#include <vector>

#include "replay/verdict/paired_test.hpp"
#include "replay/verdict/verdict.hpp"

namespace understudy {

// The metric in both halves of a pair, in its unit.
struct PairedValue {
  double baseline = 0;
  double candidate = 0;
  // What a value is multiplied with to be a count: seconds, or requests; 1 where half a unit is none.
  double baseline_scale = 1;
  double candidate_scale = 1;
};

// The logarithm of candidate / baseline, with half a unit added to both; nothing where that has none (0 ms).
[[nodiscard]] std::optional<double> log_ratio(const MetricInfo& info, const PairedValue& pair);

struct MetricSample {
  Metric metric{};
  bool headline = false;
  std::vector<PairedValue> pairs;
  std::vector<PairedValue> noise_pairs;
  double smaller_total = 0;  // of all parts, on the side where it is smaller; 0: this is no part
  std::size_t missing = 0;   // pairs in which it was not measured
};

class ComparisonFamily {
 public:
  explicit ComparisonFamily(const VerdictMethod& method) : method_(method) {}

  // Returns its place in the results.
  std::size_t add(const MetricSample& sample);
  // Of all samples, in their order.
  [[nodiscard]] std::vector<MetricComparison> judge();

 private:
  struct Tested {
    MetricComparison shown;
    std::optional<double> mean;         // of the log ratios
    std::optional<double> equivalence;  // p
    double largest_difference = 0;
    double negligible = 0;
    std::size_t missing = 0;
    std::size_t rising = 0;
    std::size_t falling = 0;
  };
  void test(const MetricSample& sample, const std::vector<double>& differences, Tested& tested) const;
  void decide(Tested& tested) const;
  // What is to be said of a change that was found, or of none.
  [[nodiscard]] std::string ratio_text(const Tested& tested) const;
  [[nodiscard]] std::string doubt(const Tested& tested) const;

  const VerdictMethod method_;
  std::vector<Tested> tested_;
};

}  // namespace understudy
