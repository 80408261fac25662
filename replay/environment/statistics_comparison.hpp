// Two readings of a service's statistics, compared by rules for their paths.
//
// Values; pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/environment/json_flatten.hpp"
#include "replay/environment/statistics_rules.hpp"

namespace understudy {

enum class StatisticOutcome : std::uint8_t {
  as_ruled,           // its rule holds
  violated,           // its rule does not
  ignored,            // by rule
  unknown_changed,    // no rule, and another value than before
  unknown_unchanged,  // no rule, and the same value, which every rule would allow
};
[[nodiscard]] std::string_view to_string(StatisticOutcome outcome);

struct StatisticResult {
  std::string path;
  StatisticOutcome outcome = StatisticOutcome::as_ruled;
  std::optional<JsonLeaf> before, after;  // nothing: the path was not there
  std::string rule;                       // as it was given; "" when unknown
  std::string reason;                     // why it is violated
};

enum class StatisticsVerdict : std::uint8_t {
  passed,
  violated,
  inconclusive,  // nothing is violated, but a path changed that no rule knows
};

struct StatisticsComparison {
  std::vector<StatisticResult> results;  // by path

  [[nodiscard]] std::size_t count(StatisticOutcome outcome) const;
  [[nodiscard]] StatisticsVerdict verdict() const;
};

[[nodiscard]] StatisticsComparison compare_statistics(const FlatJson& before, const FlatJson& after,
                                                      const StatisticsRules& rules);

// The verdict, what is violated or unknown, and the counts. At most lines_max paths of each kind; it says how many more
// there are.
[[nodiscard]] std::string to_text(const StatisticsComparison& comparison, std::size_t lines_max = 50);
// Everything: {"verdict", "counts": {...}, "paths": [{"path", "outcome", "rule", "reason", "before", "after"}]}; a path
// that was not there lacks that member.
[[nodiscard]] std::string to_json(const StatisticsComparison& comparison);

}  // namespace understudy
