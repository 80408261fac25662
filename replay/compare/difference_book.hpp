// All differences of a run, by (route, kind, shape), with a few examples each, and which of them are noise.
//
// Noise, with a second baseline. For each exchange in which baseline, second baseline and candidate answered, a group
// sees one of: the candidate differs from the baseline and the second baseline does not (`candidate`), the other way
// round (`baseline`), or both differ (`both`). If the candidate behaved as the baselines do, the three answers could
// be swapped, so `candidate` and `baseline` would be equally likely: given their sum m, `candidate` is binomial with
// m tries of 1/2 (the sign test of McNemar). So a group in which baselines were seen to differ is the candidate's only
// when
//     candidate - baseline > noise_z * sqrt(candidate + baseline),  noise_z = 4,
// which by Hoeffding's bound happens by chance with probability exp(-8), 1 in 3,000, at most for one group (about 1 in
// 30,000 as the normal distribution has it). A group in which the baselines never differed is the candidate's with its
// first difference. Within one exchange, what is in the same field as a difference between the baselines, or below it
// in the JSON value, counts as `both`; and where one of the two is a failure (Differences::outcome_only), headers and
// bodies count for nothing. Verdicts are taken when they are asked for, from all that was seen until then.
//
// Bounds: groups_max groups; what would be one more is counted as `beyond` of its kind. Memory is bounded by that,
// whatever the number of exchanges: about 30 MB at worst.
//
// Thread safety: one thread, but for totals(), which any may read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/compare/difference.hpp"
#include "replay/route/route_table.hpp"
#include "traffic/base/counter.hpp"

namespace understudy {

// The request of a compared exchange, for examples. Borrowed.
struct ComparedRequest {
  RouteId route = RouteTable::other;
  std::uint64_t number = 0;  // its place in the run, or whatever finds it again
  std::string_view method;
  std::string_view target;  // shown without the values of its query
};

enum class NotCompared : std::uint8_t {
  no_expected,          // neither recorded nor given by the baseline
  incomplete_expected,  // the recorded response was cut
  dropped,              // the comparison could not keep up
};
inline constexpr std::size_t not_compared_reasons = 3;
[[nodiscard]] std::string_view to_string(NotCompared reason);

// Exchanges, as they came: noise that showed only later is in `different`. What the summary says is exact.
struct CompareTotals {
  Counter compared;  // equal + different
  Counter equal;     // noise_only included
  Counter different;
  Counter noise_only;  // different, but in nothing that is not noise
  Counter status;      // different in status, or without a response of the candidate
  Counter headers;
  Counter bodies;
  std::array<Counter, difference_kinds> by_kind;  // exchanges with a difference of that kind
  std::array<Counter, not_compared_reasons> not_compared;
  Counter bodies_not_kept;                       // compared without a body, for one of the two was not kept
  Counter cut;                                   // with more differences than one exchange may have
  std::array<Counter, difference_kinds> beyond;  // differences of no group, for there were too many groups
};

struct DifferenceExample {
  std::uint64_t number = 0;
  std::string method;
  std::string target;
  std::string expected;
  std::string actual;
  double size = 0;
};

struct DifferenceGroup {
  RouteId route = RouteTable::other;  // canonical
  DifferenceKind kind = DifferenceKind::status;
  std::string shape;
  std::uint64_t candidate = 0;  // exchanges
  std::uint64_t baseline = 0;
  std::uint64_t both = 0;
  std::vector<DifferenceExample> first;  // 3 at most, in the order of the run
  std::vector<DifferenceExample> worst;  // 3 at most, largest first: those with a size that are not in `first`

  [[nodiscard]] bool is_noise() const;
};

// One route's exchanges.
struct RouteComparison {
  RouteId route = RouteTable::other;  // canonical
  std::uint64_t compared = 0;
  std::uint64_t different = 0;  // as in CompareTotals
  std::uint64_t status = 0;     // in groups that are not noise: exact
};

// Everything, at one moment. Routes that became one are added up.
struct CompareSummary {
  std::vector<DifferenceGroup> differences;  // the candidate's, most exchanges first
  std::vector<DifferenceGroup> noise;        // likewise
  std::vector<RouteComparison> routes;       // in the order of ids
  std::uint64_t compared = 0;
  std::uint64_t status = 0;  // in groups that are not noise
  std::uint64_t beyond = 0;
};

class DifferenceBook {
 public:
  static constexpr std::size_t groups_max = 10'000;
  static constexpr std::size_t examples_max = 3;
  static constexpr double noise_z = 4;

  DifferenceBook();
  ~DifferenceBook();
  DifferenceBook(DifferenceBook&&) noexcept;

  // One compared exchange: how the candidate differs from what was expected, and how the second baseline does, if
  // there is one. True when it is equal, or differs in noise only.
  bool add(const ComparedRequest& request, const Differences& candidate, const Differences* second_baseline);
  void note_not_compared(NotCompared reason);
  void note_body_not_kept();

  [[nodiscard]] const CompareTotals& totals() const;
  // Share of compared exchanges, 0 to 1, whose status differs (or that got no response) and not by noise; of one route,
  // or of all. Nothing when none was compared. Cost: one pass over the groups.
  [[nodiscard]] std::optional<double> status_mismatch_rate(const RouteTable& routes,
                                                           std::optional<RouteId> route = std::nullopt) const;
  [[nodiscard]] CompareSummary summary(const RouteTable& routes) const;
  // Bytes held, about.
  [[nodiscard]] std::size_t memory() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy
