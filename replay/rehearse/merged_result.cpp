#include "replay/rehearse/merged_result.hpp"

#include <algorithm>
#include <map>

namespace understudy {

RunResult merged_result(const std::vector<RunRecord>& records, RunSide side) {
  RunResult merged;
  std::map<std::string, RouteResult> routes;
  double due = 0;
  bool has_rate = false;
  for (const RunRecord& record : records) {
    if (record.place.phase != RunPhase::pair || record.place.side != side || !measured_run(record).invalid.empty())
      continue;
    const RunResult& result = record.result;
    merged.load += result.load;
    merged.duration += result.duration;
    if (result.target_rate) {
      has_rate = true;
      due += *result.target_rate * std::chrono::duration<double>(result.duration).count();
    }
    for (const RouteResult& route : result.routes) {
      RouteResult& sum = routes[route.name];
      sum.name = route.name;
      sum.outcomes += route.outcomes;
      sum.comparison += route.comparison;
    }
  }
  const double seconds = std::chrono::duration<double>(merged.duration).count();
  if (has_rate && seconds > 0) merged.target_rate = due / seconds;
  for (auto& [name, route] : routes) merged.routes.push_back(std::move(route));
  std::ranges::sort(merged.routes, std::ranges::greater{},
                    [](const RouteResult& route) { return route.outcomes.finished(); });
  return merged;
}

}  // namespace understudy
