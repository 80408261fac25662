// Objectives: what a run must not show. `--fail-if 'p99 > 250ms or errors > 1%'`.
//
// An objective names the condition that fails it. It compares figures with thresholds and joins the comparisons with
// `and`, `or` and parentheses; docs/objectives.md has the language and all names. Evaluation knows three outcomes: a
// comparison whose figure rests on too few samples is not decidable, and makes the whole so unless the other side of an
// `and` or `or` settles it.
//
// A value type. Thread safety: immutable after parse().
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "replay/report/run_result.hpp"
#include "replay/report/sliding_window.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct ConditionNode;  // replay/report/condition.hpp

class Objective {
 public:
  static constexpr std::size_t text_size_max = 4'096;

  // Of --fail-if. ExitCode::usage: the message has the character's number, what was expected there, and for an unknown
  // name the names there are.
  [[nodiscard]] static Result<Objective> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] ObjectiveResult evaluate(const RunResult& result) const;

 private:
  friend class AbortCondition;
  Objective(std::string text, std::shared_ptr<const ConditionNode> root);

  std::string text_;
  std::shared_ptr<const ConditionNode> root_;
};

// Of --abort-if: the same language over a sliding window, `errors > 20% for 10s`; 10 s where it has no `for`. Figures
// of one route are not kept by time and are refused. Thread safety: one thread.
class AbortCondition {
 public:
  static constexpr Nanoseconds window_default = std::chrono::seconds(10);
  static constexpr Nanoseconds window_min = std::chrono::seconds(1);
  static constexpr Nanoseconds window_max = std::chrono::hours(1);

  // ExitCode::usage, as Objective::parse().
  [[nodiscard]] static Result<AbortCondition> parse(std::string_view text);

  // Once a second, with what RunSeries::add() returned. True, once the window has filled: the condition holds over it.
  // The target rate is that of the requests that became due.
  [[nodiscard]] bool add(Nanoseconds offset, const LoadFigures& since_last);
  // What was measured when it last held: "errors > 20% for 10s: errors = 34 % (of 4,210)".
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] const std::string& text() const { return objective_.text(); }

 private:
  AbortCondition(Objective objective, Nanoseconds window) : objective_(std::move(objective)), window_(window) {}

  Objective objective_;
  SlidingWindow window_;
  std::string reason_;
};

// Completes result.objectives.
void evaluate_objectives(const std::vector<Objective>& objectives, RunResult& result);

}  // namespace understudy
