// The runs of one side as if they were one: for objectives, and for percentiles to be shown. Pure; any thread.
//
// Never for the verdict, whose unit is the pair.
#pragma once

#include <vector>

#include "replay/rehearse/run_record.hpp"

namespace understudy {

// Of the pairs' valid runs. Counts and histograms are added up, the rate is their mean by time.
[[nodiscard]] RunResult merged_result(const std::vector<RunRecord>& records, RunSide side);

}  // namespace understudy
