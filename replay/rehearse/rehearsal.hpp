// A rehearsal from its plan to its verdict, with everything kept as it comes.
//
// Thread safety: one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "replay/environment/pause.hpp"
#include "replay/rehearse/plan.hpp"
#include "replay/rehearse/ports.hpp"
#include "replay/rehearse/results_folder.hpp"
#include "replay/rehearse/run_record.hpp"
#include "replay/verdict/verdict.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Everything that a report is made from.
struct RehearsalOutcome {
  RehearsalState state;
  std::vector<RunRecord> records;
  JudgedRehearsal judged;
  std::vector<ObjectiveResult> objectives;
  std::optional<Error> failure;  // why it did not come to its end
  ExitCode exit_code = ExitCode::inconclusive;
};

struct RehearsalOptions {
  std::string out;
  bool resume = false;  // goes on with what is in the folder
  std::string tool_version;
};

// Plays the whole plan. An Error only where nothing could be begun: the folder, the plan's flags. Whatever happens
// later is an outcome with a failure; its data is in the folder, and so are the reports.
[[nodiscard]] Result<RehearsalOutcome> rehearse(const RehearsalPlan& plan, const RehearsalOptions& options,
                                                ReplayDriver& driver, Pause& pause, const ProgressLineSink& progress);

// Judges what an earlier rehearsal left in its folder, by this plan's method, and writes the reports anew.
[[nodiscard]] Result<RehearsalOutcome> judge_results(const RehearsalPlan& plan, const RehearsalOptions& options);

// From records to verdict, objectives and exit code. Pure.
//   improved, equivalent   0; ExitCode::objective_failed or ExitCode::inconclusive where an objective says so
//   regressed              ExitCode::regressed
//   inconclusive           ExitCode::inconclusive, or the code of the failure
[[nodiscard]] RehearsalOutcome judge_records(const RehearsalPlan& plan, RehearsalState state,
                                             std::vector<RunRecord> records, std::optional<Error> failure);

// What a person reads in ten seconds. Ends with a line end. Pure.
[[nodiscard]] std::string summary_text(const RehearsalPlan& plan, const RehearsalOutcome& outcome);

}  // namespace understudy
