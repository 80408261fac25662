// Plays a rehearsal's runs one after the other, with everything measured around each.
//
// For each run: restart and cache reset by the plan's commands -> healthy, with the build of the beginning -> warm-up
// -> counters read -> the run, with health polled -> counters read -> the record is written.
#pragma once

#include <string>
#include <vector>

#include "replay/rehearse/plan.hpp"
#include "replay/rehearse/ports.hpp"
#include "replay/rehearse/results_folder.hpp"
#include "replay/rehearse/run_record.hpp"
#include "replay/rehearse/setup.hpp"
#include "replay/rehearse/side_stack.hpp"

namespace understudy {

class RunConductor {
 public:
  // All outlive it.
  RunConductor(const RehearsalPlan& plan, SideStack& baseline, SideStack& candidate, RehearsalSetup& setup,
               ReplayDriver& driver, const ResultsFolder& results, ProgressLineSink progress)
      : plan_(plan),
        baseline_(baseline),
        candidate_(candidate),
        setup_(setup),
        driver_(driver),
        results_(results),
        progress_(std::move(progress)) {}

  // All runs that are not in `records`, which are those of an earlier part; each new one is added as it ends. An error
  // is why the rest was not played: the environment is unfit, a database was lost, somebody asked to stop
  // (ExitCode::aborted).
  [[nodiscard]] Result<void> run(std::vector<RunRecord>& records);

 private:
  [[nodiscard]] Result<void> run_place(const RunPlace& place, std::vector<RunRecord>& records);
  [[nodiscard]] Result<void> prepare(SideStack& stack);
  [[nodiscard]] Result<RunRecord> measure(const RunPlace& place, SideStack& stack, WatchState& watched);
  [[nodiscard]] PlayOrder order_of(const SideStack& stack) const;
  void finish_observation(SideStack& stack, const std::vector<PlayedRequest>& requests, RunRecord& record);

  const RehearsalPlan& plan_;
  SideStack& baseline_;
  SideStack& candidate_;
  RehearsalSetup& setup_;
  ReplayDriver& driver_;
  const ResultsFolder& results_;
  const ProgressLineSink progress_;
  std::optional<Error> database_lost_;
  std::string watch_reason_;
};

}  // namespace understudy
