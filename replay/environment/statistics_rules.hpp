// What may change in statistics between two readings: a rule for each path.
//
//   /users/count = equal            the same value
//   /cache/*/hits = within 5%       numbers, at most so far from the earlier one
//   /requests/** = monotone         numbers that do not fall
//   /started_at = ignore            anything, also when it appears or disappears
//
// A path is a JSON pointer (RFC 6901). "*" stands for one segment, "**" for any number of them, also none. Of several
// rules that match the last one counts, so general ones come first and exceptions after them.
//
// Thread safety: a const StatisticsRules may be used from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/error.hpp"
#include "traffic/base/units.hpp"

namespace understudy {

enum class StatisticsRuleKind : std::uint8_t { equal, within, monotone, ignore };

struct StatisticsRule {
  std::string text;  // as it was given
  std::vector<std::string> pattern;
  StatisticsRuleKind kind = StatisticsRuleKind::equal;
  Percentage within;
};

class StatisticsRules {
 public:
  static constexpr std::size_t rules_max = 1000;

  // ExitCode::usage, with the form that is wanted.
  [[nodiscard]] static Result<StatisticsRules> compile(const std::vector<std::string>& rules);

  // The rule of a path, or null: nobody said what may happen there. Valid as long as this object.
  [[nodiscard]] const StatisticsRule* find(std::string_view pointer) const;

 private:
  std::vector<StatisticsRule> rules_;
};

}  // namespace understudy
