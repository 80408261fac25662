// The order of a rehearsal's runs. Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "replay/rehearse/plan.hpp"
#include "replay/rehearse/run_record.hpp"

namespace understudy {

// A/A pairs of the baseline, then pairs in ABBA order: baseline first in odd ones, candidate first in even ones, so
// that a slow drift of the machine speaks for neither side.
[[nodiscard]] std::vector<RunPlace> run_order(const PairsPlan& pairs);

// What would happen, a line a step, in order: for --check. Secrets are left out.
[[nodiscard]] std::string order_text(const RehearsalPlan& plan);

}  // namespace understudy
