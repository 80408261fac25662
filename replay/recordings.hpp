// The commands that only read recordings: inspect and convert.
#pragma once

#include "replay/options.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Prints what is in a recording. ExitCode::ok also for an incomplete one: the text says so.
[[nodiscard]] Result<ExitCode> run_inspect(const ReplayOptions& options);

// Writes options.convert_to and prints what was written, and what the format could not hold.
[[nodiscard]] Result<ExitCode> run_convert(const ReplayOptions& options);

}  // namespace understudy
