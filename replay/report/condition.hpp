// A condition over figures as a tree, and its value in three-valued logic (Kleene's): true, false or unknown.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/report/figure.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

enum class Comparator : std::uint8_t { above, at_least, below, at_most, equal, not_equal };

struct Threshold {
  FigureUnit unit = FigureUnit::count;
  double value = 0;  // in the unit of Measured::value
};

// A comparison, or all or any of its children.
struct ConditionNode {
  enum class Kind : std::uint8_t { comparison, all, any };

  Kind kind = Kind::comparison;
  Figure figure{};
  Comparator comparator = Comparator::above;
  Threshold threshold{};
  std::vector<std::unique_ptr<ConditionNode>> children{};
};

struct ParsedCondition {
  std::unique_ptr<ConditionNode> root;
  std::optional<Nanoseconds> window;  // of `for 10s` at its end
};

enum class ConditionUse : std::uint8_t { whole_run, window };

// docs/objectives.md has the grammar. Bounds: parentheses nest 32 deep. ExitCode::usage.
[[nodiscard]] Result<ParsedCondition> parse_condition(std::string_view text, ConditionUse use);

struct ConditionValue {
  std::optional<bool> holds;          // nothing: unknown
  std::vector<std::string> measured;  // each figure once
  std::vector<std::string> reasons;   // why figures cannot be told
  bool rests_on_latency = false;      // it holds only because of a latency from due
};
[[nodiscard]] ConditionValue evaluate_condition(const ConditionNode& root, const MeasuredLoad& from);

}  // namespace understudy
