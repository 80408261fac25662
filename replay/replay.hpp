// The composition root of `run`: makes the parts of a replay, watches over them, and reports.
#pragma once

#include "replay/options.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Sets the log's format and level.
[[nodiscard]] Result<void> start_run_logging(const ReplayOptions& options);

// Plays, prints the result, writes the result folder. The value is the verdict's exit code; an error is one that kept
// the run from starting, or from reporting.
[[nodiscard]] Result<ExitCode> run_replay(const ReplayOptions& options);

}  // namespace understudy
