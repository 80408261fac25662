// From records to verdict, objectives and exit code.
#include <algorithm>
#include <map>
#include <utility>

#include "replay/rehearse/merged_result.hpp"
#include "replay/rehearse/rehearsal.hpp"

namespace understudy {
namespace {

// Pairs whose two runs are there; the first of an A/A pair stands for the baseline, the second for the candidate.
[[nodiscard]] std::vector<MeasuredPair> pairs_of(const std::vector<RunRecord>& records, RunPhase phase) {
  std::map<std::size_t, std::pair<const RunRecord*, const RunRecord*>> by_number;
  for (const RunRecord& record : records) {
    if (record.place.phase != phase) continue;
    auto& [baseline, candidate] = by_number[record.place.pair];
    const bool as_candidate =
        phase == RunPhase::noise ? record.place.is_second : record.place.side == RunSide::candidate;
    (as_candidate ? candidate : baseline) = &record;
  }
  std::vector<MeasuredPair> pairs;
  for (const auto& [number, halves] : by_number) {
    if (halves.first == nullptr || halves.second == nullptr) continue;
    pairs.push_back({number, measured_run(*halves.first), measured_run(*halves.second)});
  }
  return pairs;
}

[[nodiscard]] ExitCode exit_code_of(const RehearsalOutcome& outcome) {
  if (outcome.failure) return outcome.failure->code;
  if (outcome.judged.verdict == RehearsalVerdict::regressed) return ExitCode::regressed;
  const auto has = [&](ObjectiveState state) {
    return std::ranges::any_of(outcome.objectives,
                               [&](const ObjectiveResult& objective) { return objective.state == state; });
  };
  if (has(ObjectiveState::failed)) return ExitCode::objective_failed;
  if (outcome.judged.verdict == RehearsalVerdict::inconclusive) return ExitCode::inconclusive;
  return has(ObjectiveState::not_decidable) ? ExitCode::inconclusive : ExitCode::ok;
}

}  // namespace

RehearsalOutcome judge_records(const RehearsalPlan& plan, RehearsalState state, std::vector<RunRecord> records,
                               std::optional<Error> failure) {
  RehearsalOutcome outcome;
  VerdictInput input;
  input.method = plan.method;
  input.production_data_cache_ratio = plan.production_data_cache_ratio;
  input.noise_pairs = pairs_of(records, RunPhase::noise);
  input.pairs = pairs_of(records, RunPhase::pair);
  if (state.end != "whole") input.refusals.push_back("the rehearsal did not come to its end: " + state.end_reason);
  input.refusals.insert(input.refusals.end(), state.refusals.begin(), state.refusals.end());
  outcome.judged = judge_rehearsal(input);
  RunResult candidate = merged_result(records, RunSide::candidate);
  evaluate_objectives(plan.objectives, candidate);
  outcome.objectives = std::move(candidate.objectives);
  outcome.state = std::move(state);
  outcome.records = std::move(records);
  outcome.failure = std::move(failure);
  outcome.exit_code = exit_code_of(outcome);
  return outcome;
}

}  // namespace understudy
