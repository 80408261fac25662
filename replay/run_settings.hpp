// From what a user asked for to the settings of a run.
#pragma once

#include "replay/options.hpp"
#include "replay/run/replay_run.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// `token` may be null; it outlives the run. Resolves the targets' names, for the guard of production.
[[nodiscard]] ReplayRunOptions run_settings(const ReplayOptions& options, const SharedHeader* token);

// Whether a recording is read from a pipe, as it is made.
[[nodiscard]] bool is_live(const ReplayOptions& options);

// What the options allow the run to take, from the moment at which it is measured to the one at which it ends; nothing
// where the end is not known.
[[nodiscard]] std::optional<Nanoseconds> known_length(const ReplayOptions& options, const Pacer& pacer);

}  // namespace understudy
