// Adds groups and routes up into a CompareSummary, those of routes that became one together.
//
// Thread safety: one thread.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "replay/compare/difference_book.hpp"
#include "replay/route/route_table.hpp"

namespace understudy {

class SummaryBuilder {
 public:
  // The table outlives it.
  explicit SummaryBuilder(const RouteTable& routes) : routes_(routes) {}

  void add(const DifferenceGroup& group);
  void add_route(RouteComparison route);
  [[nodiscard]] CompareSummary finish(const CompareTotals& totals) &&;

 private:
  using Key = std::tuple<RouteId, DifferenceKind, std::string>;

  const RouteTable& routes_;
  std::map<Key, DifferenceGroup> groups_;
  std::map<RouteId, RouteComparison> of_routes_;
};

}  // namespace understudy
