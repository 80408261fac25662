#include "replay/rehearse/run_attribution.hpp"

#include <map>
#include <utility>

#include "replay/database/query_fingerprint.hpp"

namespace understudy {
namespace {

// What no request explains: jobs of the application's own, for one.
constexpr std::string_view unexplained = "(no request)";

[[nodiscard]] std::vector<RoutedRequest> routed(const std::vector<PlayedRequest>& requests) {
  std::vector<RoutedRequest> list;
  list.reserve(requests.size());
  for (const PlayedRequest& request : requests) {
    list.push_back({request.route, request.trace_id, request.sent_at, request.answered_at});
  }
  return list;
}

}  // namespace

RunAttribution::RunAttribution(const std::vector<PlayedRequest>& requests, const TracePlan& trace)
    : attributor_(routed(requests), trace.key.empty() ? "traceparent" : trace.key) {}

void RunAttribution::take(const LoggedStatement& statement) {
  if (const auto fingerprint = fingerprint_query(statement.text)) attributor_.take(statement, fingerprint->text());
}

void RunAttribution::set_routes(RecordedDatabase& record) const {
  const RouteAttribution& attribution = attributor_.result();
  if (attribution.by_trace + attribution.by_time == 0) return;
  record.attribution = attribution.by_trace >= attribution.by_time ? "comment" : "time";
  std::map<std::string, double> totals;
  for (const auto& [route, classes] : attribution.routes) {
    for (const auto& [key, share] : classes) totals[key] += share.statements;
  }
  for (RecordedClass& query_class : record.classes) {
    const double total = totals[query_class.id];
    if (total <= 0) continue;
    for (const auto& [route, classes] : attribution.routes) {
      const auto found = classes.find(query_class.id);
      if (found == classes.end() || found->second.statements <= 0) continue;
      query_class.routes[route.empty() ? std::string(unexplained) : route] = found->second.statements / total;
    }
  }
}

}  // namespace understudy
