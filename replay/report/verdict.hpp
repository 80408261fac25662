// From figures to a verdict and an exit code.
#pragma once

#include "replay/report/run_result.hpp"

namespace understudy {

struct VerdictPolicy {
  bool require_complete_recording = false;  // a recording with losses or damage makes the run inconclusive
};

// Completes result.generator.saturated and .reason from the lateness, the CPU of the sender threads and the rates:
// - the scheduler took up a hundredth of the requests more than lateness_max after they were due, or
// - a sender thread used cpu_max of a core or more, and the rate stayed below rate_share_min of its target or had none.
// Waiting for a connection, or for the session's earlier response, is the target's doing and does not count.
inline constexpr Nanoseconds generator_lateness_max = std::chrono::milliseconds(10);
inline constexpr double generator_cpu_max = 0.95;
inline constexpr double generator_rate_share_min = 0.98;
void assess_generator(RunResult& result);

// Completes result.verdict from the rest of it, the objectives included. In this order:
// - aborted: ended by --abort-if; ExitCode::aborted
// - failed: an objective failed; ExitCode::objective_failed. Of a saturated generator the failed objectives of latency
//   do not count
// - inconclusive: an objective could not be decided, or there are objectives and the generator was saturated, the run
//   was cut short or the recording is not complete where that was asked for; ExitCode::inconclusive
// - passed: all objectives passed; ok
// - none: there were no objectives; ok, or undelivered when requests were due and not one was answered.
void judge(const VerdictPolicy& policy, RunResult& result);

}  // namespace understudy
