// From measured runs to a verdict: IMPROVED, REGRESSED, EQUIVALENT or INCONCLUSIVE, each with its reason.
//
// The pair of runs is the unit, never the request: requests of one run share its cache, its disk and its neighbours. Of
// each metric the logarithm of candidate / baseline is taken in each pair; its mean over the pairs has a t interval
// and two tests, Student's t and the exact sign-flip test, which assumes only that a pair's halves can change places
// when nothing changed. A metric improved or regressed when all of these hold:
//
//   1. the t test, adjusted by Holm within its family (the totals; all query classes; all routes), is below alpha
//   2. the sign-flip test is below alpha
//   3. the ratio lies outside of the margin and of the noise that A/A runs showed
//   4. the difference is not negligible: so many a second, and a share of the smaller total
//
// It is equivalent when the two one-sided t tests say that the ratio lies within the margin (TOST, Schuirmann 1987), or
// when both sides differ by less than what is negligible. Everything else is inconclusive.
//
// Zeros: half a unit of the metric (MetricInfo::half_unit) is added to both sides of every pair before the logarithm,
// so that nothing is infinite, zero to zero is 1, and small counts are drawn towards 1.
//
// Values; pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/verdict/metric.hpp"

namespace understudy {

enum class RehearsalVerdict : std::uint8_t { improved, regressed, equivalent, inconclusive };
[[nodiscard]] std::string_view to_string(RehearsalVerdict verdict);

struct VerdictMethod {
  static constexpr std::size_t pairs_max = 20;  // the sign-flip test counts 2^pairs

  double alpha = 0.05;
  double margin = 1.1;               // a ratio within [1 / margin, margin] is unchanged; above 1
  std::size_t pairs_needed = 6;      // the smallest sign-flip p of 6 is 0.031
  double relevant_share = 0.01;      // a class or route below this share of the smaller total is negligible
  double rate_share_min = 0.95;      // achieved of target
  double cache_ratio_factor = 1.5;   // how far data:cache may be from production's
  double invalid_share_max = 0.25;   // of the pairs: to leave out more would be to choose the result
  std::uint64_t requests_min = 100;  // answered, in each run
};

// What one run measured.
struct MeasuredValues {
  std::map<Metric, double> values;  // a second, or as the metric's unit says; absent: not measured
  double requests = 0;              // what shares are of
};

struct MeasuredClass {
  std::string id;     // fingerprint
  std::string query;  // normalised text
  MeasuredValues measured;
};

struct MeasuredRoute {
  std::string name;
  MeasuredValues measured;
};

enum class RunSide : std::uint8_t { baseline, candidate };
[[nodiscard]] std::string_view to_string(RunSide side);

struct MeasuredRun {
  RunSide side = RunSide::baseline;
  MeasuredValues total;
  std::vector<MeasuredClass> classes;  // ids are unique
  std::vector<MeasuredRoute> routes;   // names are unique
  double duration_seconds = 0;         // what the values were taken over
  std::optional<double> target_rate;   // requests a second; nothing: as fast as possible
  double achieved_rate = 0;
  std::uint64_t planned = 0;
  std::uint64_t answered = 0;
  std::uint64_t unaccounted = 0;           // planned, and neither answered nor lost for a reason
  std::optional<double> data_cache_ratio;  // nothing: not known
  std::vector<std::string> invalid;        // reasons, each a sentence: another build, aborted, generator saturated
};

// Two runs with the same requests on the same schedule. Of an A/A pair both are of the baseline.
struct MeasuredPair {
  std::size_t number = 0;  // from 1, in its phase
  MeasuredRun baseline;
  MeasuredRun candidate;
};

struct VerdictInput {
  VerdictMethod method;
  std::vector<MeasuredPair> noise_pairs;  // A/A; may be empty
  std::vector<MeasuredPair> pairs;        // VerdictMethod::pairs_max at most
  std::optional<double> production_data_cache_ratio;
  std::vector<std::string> refusals;  // why there can be no verdict, known already: interrupted, a step failed
};

// One metric over all valid pairs.
struct MetricComparison {
  Metric metric{};
  bool headline = false;
  double baseline = 0;  // geometric means; of values, without the half units
  double candidate = 0;
  std::size_t pairs = 0;
  std::optional<double> ratio, low, high;
  std::optional<double> p_t, p_sign_flip, p_adjusted;
  std::optional<double> noise_floor;
  double margin = 1;
  RehearsalVerdict verdict = RehearsalVerdict::inconclusive;
  std::string reason;
};

enum class ClassPresence : std::uint8_t { both, appeared, vanished };
[[nodiscard]] std::string_view to_string(ClassPresence presence);  // "both", "new", "vanished"

// A query class or a route.
struct PartVerdict {
  std::string id;    // of a class its fingerprint, of a route its name
  std::string name;  // of a class its query
  ClassPresence presence = ClassPresence::both;
  RehearsalVerdict verdict = RehearsalVerdict::inconclusive;
  bool stands_out = false;  // it got worse, or it is new and heavy
  std::string reason;
  std::vector<MetricComparison> metrics;
  // Of the total of `share_of`; 0 where there is none.
  std::optional<Metric> share_of;
  double baseline_share = 0;
  double candidate_share = 0;
  std::optional<double> baseline_read_iops, candidate_read_iops;  // share times measured: an estimate
};

struct JudgedRehearsal {
  RehearsalVerdict verdict = RehearsalVerdict::inconclusive;
  std::string headline;                    // one sentence
  std::vector<std::string> reasons;        // weightiest first; never empty
  std::vector<std::string> refused;        // why no verdict is possible; empty: it is
  std::vector<std::string> warnings;       // pairs left out, and the like
  std::vector<std::string> invalid_pairs;  // by index of VerdictInput::pairs; "": valid
  std::vector<std::string> invalid_noise_pairs;
  std::vector<MetricComparison> metrics;
  std::vector<PartVerdict> classes;  // heaviest first
  std::vector<PartVerdict> routes;   // busiest first
  std::size_t pairs = 0;             // valid ones
};

// REQUIRES: pairs.size() <= VerdictMethod::pairs_max, margin > 1, 0 < alpha < 0.5.
[[nodiscard]] JudgedRehearsal judge_rehearsal(const VerdictInput& input);

}  // namespace understudy
