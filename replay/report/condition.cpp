#include "replay/report/condition.hpp"

#include <algorithm>
#include <utility>

namespace understudy {
namespace {

bool compare(double value, Comparator comparator, double threshold) {
  switch (comparator) {
    case Comparator::above: return value > threshold;
    case Comparator::at_least: return value >= threshold;
    case Comparator::below: return value < threshold;
    case Comparator::at_most: return value <= threshold;
    case Comparator::equal: return value == threshold;
    case Comparator::not_equal: return value != threshold;
  }
  return false;
}

void add_once(std::vector<std::string>& texts, std::string text) {
  if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(std::move(text));
}

class Evaluation {
 public:
  Evaluation(const MeasuredLoad& from, bool trusts_latency) : from_(from), trusts_latency_(trusts_latency) {}

  std::optional<bool> value_of(const ConditionNode& node) {
    if (node.kind == ConditionNode::Kind::comparison) return value_of_comparison(node);
    // The value that settles it at once: one false of `and`, one true of `or`. All children are visited, for what they
    // measured is told.
    const bool settles = node.kind == ConditionNode::Kind::any;
    std::optional<bool> value = !settles;
    for (const auto& child : node.children) {
      const std::optional<bool> part = value_of(*child);
      if (part == settles || (!part && value != settles)) value = part;
    }
    return value;
  }

  std::vector<std::string> measured;
  std::vector<std::string> reasons;

 private:
  std::optional<bool> value_of_comparison(const ConditionNode& node) {
    Measured found = measure(node.figure, node.threshold.unit, from_);
    add_once(measured, std::move(found.text));
    if (!found.value) {
      add_once(reasons, std::move(found.reason));
      return std::nullopt;
    }
    if (!trusts_latency_ && is_latency_from_due(node.figure.kind)) return std::nullopt;
    return compare(*found.value, node.comparator, node.threshold.value);
  }

  const MeasuredLoad& from_;
  bool trusts_latency_;
};

}  // namespace

ConditionValue evaluate_condition(const ConditionNode& root, const MeasuredLoad& from) {
  Evaluation evaluation(from, true);
  ConditionValue value;
  value.holds = evaluation.value_of(root);
  value.measured = std::move(evaluation.measured);
  value.reasons = std::move(evaluation.reasons);
  value.rests_on_latency = value.holds == true && Evaluation(from, false).value_of(root) != true;
  return value;
}

}  // namespace understudy
