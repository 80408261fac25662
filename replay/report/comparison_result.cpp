#include "replay/report/comparison_result.hpp"

#include <map>
#include <string_view>

#include "replay/compare/difference_report.hpp"

namespace understudy {
namespace {

constexpr std::size_t groups_told = 5;  // in the summary

}  // namespace

ComparisonCounts comparison_counts(const CompareTotals& totals) {
  ComparisonCounts counts;
  counts.compared = totals.compared.value();
  counts.different = totals.different.value();
  counts.status_mismatches = totals.status.value();
  counts.header_mismatches = totals.headers.value();
  counts.body_mismatches = totals.bodies.value();
  for (const NotCompared reason : {NotCompared::no_expected, NotCompared::incomplete_expected, NotCompared::dropped}) {
    counts.not_comparable += totals.not_compared[static_cast<std::size_t>(reason)].value();
  }
  return counts;
}

void set_comparison(const CompareSummary& summary, const CompareTotals& totals, const RouteTable& routes,
                    RunResult& result) {
  result.load.comparison = comparison_counts(totals);
  result.load.comparison.status_mismatches = summary.status;
  std::map<std::string_view, RouteResult*> by_name;
  for (RouteResult& route : result.routes) by_name[route.name] = &route;
  for (const RouteComparison& route : summary.routes) {
    const auto found = by_name.find(routes.name(route.route));
    if (found == by_name.end()) continue;
    ComparisonCounts& counts = found->second->comparison;
    counts.compared += route.compared;
    counts.different += route.different;
    counts.status_mismatches += route.status;
  }
  result.differences_text = difference_text(summary, routes, groups_told);
  JsonWriter json;
  write_differences(json, summary, totals, routes);
  result.differences_json = json.take();
}

}  // namespace understudy
