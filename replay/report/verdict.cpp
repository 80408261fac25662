#include "replay/report/verdict.hpp"

#include <fmt/format.h>

#include <utility>

namespace understudy {
namespace {

std::string failed_reason(const ObjectiveResult& objective) {
  return fmt::format("{}: {}", objective.text, objective.measured);
}

// The objectives that failed, but for those of latency where the generator could not keep up.
std::vector<std::string> failures(const RunResult& result) {
  std::vector<std::string> reasons;
  for (const ObjectiveResult& objective : result.objectives) {
    const bool is_worthless = result.generator.saturated && objective.is_of_latency;
    if (objective.state == ObjectiveState::failed && !is_worthless) reasons.push_back(failed_reason(objective));
  }
  return reasons;
}

std::string recording_reason(const VerdictPolicy& policy, const RecordingReport& recording) {
  if (!policy.require_complete_recording || recording.completeness == Completeness::complete) return {};
  return recording.completeness == Completeness::incomplete
             ? "the recording is not complete: something was lost or damaged"
             : "it is not known whether the recording is complete: its format does not tell";
}

// Why there is no verdict, though nothing failed.
std::vector<std::string> doubts(const VerdictPolicy& policy, const RunResult& result) {
  std::vector<std::string> reasons;
  if (result.generator.saturated) reasons.push_back(result.generator.reason);
  for (const ObjectiveResult& objective : result.objectives) {
    if (objective.state == ObjectiveState::not_decidable) {
      reasons.push_back(fmt::format("{}: {}", objective.text, objective.reason));
    }
  }
  if (result.end == RunEnd::interrupted) reasons.push_back("the run was stopped before its end: " + result.end_reason);
  if (result.end == RunEnd::failed) reasons.push_back("the run ended before its end: " + result.end_reason);
  if (std::string text = recording_reason(policy, result.identity.recording); !text.empty()) {
    reasons.push_back(std::move(text));
  }
  return reasons;
}

}  // namespace

void judge(const VerdictPolicy& policy, RunResult& result) {
  if (result.end == RunEnd::aborted) {
    result.verdict = {VerdictKind::aborted, {result.end_reason}, ExitCode::aborted};
    return;
  }
  if (result.objectives.empty() && !policy.require_complete_recording) {
    const bool unanswered = result.load.planned > 0 && result.load.outcomes.completed() == 0 && result.excluded == 0;
    result.verdict = {VerdictKind::none, {}, unanswered ? ExitCode::undelivered : ExitCode::ok};
    if (unanswered) result.verdict.reasons.emplace_back("not one request was answered");
    return;
  }
  if (auto reasons = failures(result); !reasons.empty()) {
    result.verdict = {VerdictKind::failed, std::move(reasons), ExitCode::objective_failed};
    return;
  }
  if (auto reasons = doubts(policy, result); !reasons.empty()) {
    result.verdict = {VerdictKind::inconclusive, std::move(reasons), ExitCode::inconclusive};
    return;
  }
  result.verdict = {VerdictKind::passed, {}, ExitCode::ok};
}

}  // namespace understudy
