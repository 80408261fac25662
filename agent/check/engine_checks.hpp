// The doctor's look at the capture engines: which one would be used, and why not the others.
#pragma once

#include <string>
#include <vector>

#include "agent/capture/engine_choice.hpp"
#include "agent/check/check_report.hpp"

namespace understudy {

// One item named "engine" for each of `kinds`, after its probe. The one that `asked` leads to is ok, or a warning where
// it has a caveat, which is in the details. The others are skipped, with what they are or why they would not work; but
// the engine that `asked` names has failed when its probe does, and with "auto" each has when no probe succeeds.
// Captures nothing.
[[nodiscard]] std::vector<CheckItem> check_engines(const std::vector<EngineKind>& kinds, const std::string& asked);

}  // namespace understudy
