// From the comparison's own book to the result of a run.
#pragma once

#include "replay/compare/difference_book.hpp"
#include "replay/report/run_result.hpp"
#include "replay/route/route_table.hpp"

namespace understudy {

// The counts so far, for RunSeries. Any thread.
[[nodiscard]] ComparisonCounts comparison_counts(const CompareTotals& totals);

// At the end: completes result.load.comparison with what is no noise, the comparison of each of result.routes by its
// name, and the two texts.
void set_comparison(const CompareSummary& summary, const CompareTotals& totals, const RouteTable& routes,
                    RunResult& result);

}  // namespace understudy
