// rehearsal.json: docs/rehearsal.md describes it. Pure; any thread.
#pragma once

#include <string>

#include "replay/rehearse/rehearsal.hpp"

namespace understudy {

[[nodiscard]] std::string rehearsal_json(const RehearsalPlan& plan, const RehearsalOutcome& outcome,
                                         const std::string& tool_version);

}  // namespace understudy
