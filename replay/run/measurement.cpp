#include "replay/run/measurement.hpp"

namespace understudy {

Measurement::Route& Measurement::route_of(RouteId id) {
  if (id < by_id_.size() && by_id_[id] != nullptr) return *by_id_[id];
  auto& route = routes_[routes_.size() < routes_max ? id : RouteTable::other];
  if (!route) route = std::make_unique<Route>();
  if (id >= by_id_.size()) by_id_.resize(id + std::size_t{1}, nullptr);
  by_id_[id] = route.get();
  return *route;
}

void Measurement::delivered(RouteId route, int status, Nanoseconds from_due, Nanoseconds from_start) {
  const std::uint64_t due_ns = positive(from_due);
  const std::uint64_t start_ns = positive(from_start);
  const bool known = status >= 100 && static_cast<std::size_t>(status) < status_count;
  const auto counted = static_cast<std::uint16_t>(known ? status : 0);
  sent_.add();
  statuses_[counted].add();
  from_due_.record(due_ns);
  from_start_.record(start_ns);
  if (!with_routes_) return;
  Route& figures = route_of(route);
  ++figures.sent;
  ++figures.by_status[counted];
  figures.from_due.record(due_ns);
  figures.from_start.record(start_ns);
}

void Measurement::lost(RouteId route, LossReason reason, bool was_sent) {
  if (was_sent) sent_.add();
  lost_[static_cast<std::size_t>(reason)].add();
  if (!with_routes_) return;
  Route& figures = route_of(route);
  if (was_sent) ++figures.sent;
  ++figures.lost[static_cast<std::size_t>(reason)];
}

void Measurement::add_to(LoadFigures& figures) const {
  Outcomes outcomes;
  outcomes.sent = sent_.value();
  for (std::size_t status = 0; status < statuses_.size(); ++status) {
    const std::uint64_t count = statuses_[status].value();
    if (count > 0) outcomes.by_status[static_cast<std::uint16_t>(status)] = count;
  }
  for (std::size_t reason = 0; reason < lost_.size(); ++reason) outcomes.lost[reason] = lost_[reason].value();
  outcomes.latency = from_due_.snapshot();
  outcomes.service_latency = from_start_.snapshot();
  figures.outcomes += outcomes;
  figures.lateness += lateness_.snapshot();
  figures.wait += wait_.snapshot();
}

void Measurement::add_routes_to(std::map<RouteId, Outcomes>& routes) const {
  for (const auto& [id, route] : routes_) {
    Outcomes outcomes;
    outcomes.sent = route->sent;
    outcomes.by_status = route->by_status;
    outcomes.lost = route->lost;
    outcomes.latency = route->from_due.snapshot();
    outcomes.service_latency = route->from_start.snapshot();
    routes[id] += outcomes;
  }
}

}  // namespace understudy
