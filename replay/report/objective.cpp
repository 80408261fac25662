#include "replay/report/objective.hpp"

#include <fmt/format.h>

#include "replay/report/condition.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

Result<ParsedCondition> parse_bounded(std::string_view text, ConditionUse use) {
  if (text.size() > Objective::text_size_max) {
    return fail(ExitCode::usage,
                fmt::format("an objective of {} characters is too long: write at most {}, in several objectives",
                            text.size(), Objective::text_size_max));
  }
  return parse_condition(text, use);
}

}  // namespace

Objective::Objective(std::string text, std::shared_ptr<const ConditionNode> root)
    : text_(std::move(text)), root_(std::move(root)) {}

Result<Objective> Objective::parse(std::string_view text) {
  auto condition = parse_bounded(text, ConditionUse::whole_run);
  if (!condition) return tl::unexpected(condition.error());
  return Objective(std::string(text), std::move(condition->root));
}

ObjectiveResult Objective::evaluate(const RunResult& result) const {
  const ConditionValue value =
      evaluate_condition(*root_, {&result.load, result.duration, result.target_rate, &result.routes});
  ObjectiveResult outcome;
  outcome.text = text_;
  outcome.state = !value.holds   ? ObjectiveState::not_decidable
                  : *value.holds ? ObjectiveState::failed
                                 : ObjectiveState::passed;
  outcome.measured = fmt::format("{}", fmt::join(value.measured, ", "));
  if (!value.holds) outcome.reason = fmt::format("{}", fmt::join(value.reasons, "; "));
  outcome.is_of_latency = value.rests_on_latency;
  return outcome;
}

Result<AbortCondition> AbortCondition::parse(std::string_view text) {
  auto condition = parse_bounded(text, ConditionUse::window);
  if (!condition) return tl::unexpected(condition.error());
  const Nanoseconds window = condition->window.value_or(window_default);
  if (window < window_min || window > window_max) {
    return fail(ExitCode::usage, fmt::format("'{}' looks back {}: use {} to {}", text, duration_text(window),
                                             duration_text(window_min), duration_text(window_max)));
  }
  return AbortCondition(Objective(std::string(text), std::move(condition->root)), window);
}

bool AbortCondition::add(Nanoseconds offset, const LoadFigures& since_last) {
  window_.add(offset, since_last);
  if (!window_.is_full()) return false;
  const LoadFigures figures = window_.figures();
  const Nanoseconds span = window_.span();
  const double due_a_second = static_cast<double>(figures.planned) / std::chrono::duration<double>(span).count();
  const ConditionValue value = evaluate_condition(*objective_.root_, {&figures, span, due_a_second, nullptr});
  if (value.holds != true) return false;
  reason_ = fmt::format("{}: {}", text(), fmt::join(value.measured, ", "));
  return true;
}

void evaluate_objectives(const std::vector<Objective>& objectives, RunResult& result) {
  result.objectives.clear();
  for (const Objective& objective : objectives) result.objectives.push_back(objective.evaluate(result));
}

}  // namespace understudy
