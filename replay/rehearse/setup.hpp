// What happens before the runs: both stacks healthy, data cloned, the candidate migrated and found fit.
//
// The order: health -> statistics and tests before -> maintenance on -> clones -> migrate -> maintenance off -> healthy
// again -> tests compared by name -> statistics compared by their rules.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "replay/environment/json_flatten.hpp"
#include "replay/environment/payloads.hpp"
#include "replay/rehearse/plan.hpp"
#include "replay/rehearse/ports.hpp"
#include "replay/rehearse/results_folder.hpp"
#include "replay/rehearse/side_stack.hpp"

namespace understudy {

class RehearsalSetup {
 public:
  // All outlive it.
  RehearsalSetup(const RehearsalPlan& plan, SideStack& baseline, SideStack& candidate, const ResultsFolder& results,
                 const ReplayDriver& driver, ProgressLineSink progress, RehearsalState& state)
      : plan_(plan),
        baseline_(baseline),
        candidate_(candidate),
        results_(results),
        driver_(driver),
        progress_(std::move(progress)),
        state_(state) {}

  // Everything above; what was found goes into the state, also when it ends with an error.
  [[nodiscard]] Result<void> run();
  // The candidate's statistics around the runs, compared by their rules; what is violated then is a warning.
  void before_runs();
  void after_runs();
  // A command of the plan; its record goes into the state where `keep`.
  [[nodiscard]] Result<void> command(const SideStack& stack, const std::string& name, const std::string& command,
                                     bool keep);

 private:
  [[nodiscard]] Result<void> change_data();
  [[nodiscard]] Result<void> clone(const ClonePlan& clone);
  [[nodiscard]] Result<void> compare_tests_with(const std::optional<TestPayload>& before);
  void compare_statistics_with(const std::optional<FlatJson>& before);
  void note_statistics(const std::string& between, const FlatJson& before, const FlatJson& after,
                       std::vector<std::string>& violations);
  [[nodiscard]] bool changes_data() const;
  [[nodiscard]] std::optional<FlatJson> read_statistics(const SideStack& stack);

  const RehearsalPlan& plan_;
  SideStack& baseline_;
  SideStack& candidate_;
  const ResultsFolder& results_;
  const ReplayDriver& driver_;
  const ProgressLineSink progress_;
  RehearsalState& state_;
  std::optional<FlatJson> statistics_before_runs_;
};

}  // namespace understudy
