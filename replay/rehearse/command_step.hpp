// A command of the plan, run by the shell, with its output kept.
#pragma once

#include <functional>
#include <string>

#include "replay/rehearse/results_folder.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct CommandStep {
  std::string name;  // "migrate", "restart-baseline": of its output's file, and in errors
  std::string command;
  std::vector<std::pair<std::string, std::string>> environment;
  Nanoseconds timeout{};
};

// Waits for it; asks `stop_requested` meanwhile. A command that fails is ExitCode::environment_unfit, with the end of
// its output; `step` is complete then, too. One that takes too long or is stopped is ended with its whole group.
[[nodiscard]] Result<void> run_command_step(const CommandStep& command, const ResultsFolder& results,
                                            const std::function<bool()>& stop_requested, StepRecord& step);

}  // namespace understudy
