#include "replay/compare/compare_summary.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <utility>

namespace understudy {
namespace {

using Examples = std::vector<DifferenceExample>;

void append(Examples& to, const Examples& from) { to.insert(to.end(), from.begin(), from.end()); }

// Sorts all examples of two groups anew: the earliest ones, and of the others the largest.
void merge_examples(DifferenceGroup& into, const DifferenceGroup& from) {
  Examples all = std::move(into.first);
  append(all, into.worst);
  append(all, from.first);
  append(all, from.worst);
  std::ranges::sort(all, std::less<>(), &DifferenceExample::number);
  const auto first_end = all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), DifferenceBook::examples_max));
  into.first.assign(all.begin(), first_end);
  all.erase(all.begin(), first_end);
  std::erase_if(all, [](const DifferenceExample& example) { return example.size <= 0; });
  std::ranges::stable_sort(all, std::greater<>(), &DifferenceExample::size);
  if (all.size() > DifferenceBook::examples_max) all.resize(DifferenceBook::examples_max);
  into.worst = std::move(all);
}

// Most exchanges first; among equals by route, kind and shape, so that a summary is the same each time.
void sort_groups(std::vector<DifferenceGroup>& groups) {
  std::ranges::stable_sort(groups, std::greater<>(),
                           [](const DifferenceGroup& group) { return group.candidate + group.both; });
}

}  // namespace

void SummaryBuilder::add(const DifferenceGroup& group) {
  const RouteId route = routes_.canonical(group.route);
  const auto [known, is_new] = groups_.try_emplace(Key{route, group.kind, group.shape}, group);
  DifferenceGroup& into = known->second;
  into.route = route;
  if (is_new) return;
  into.candidate += group.candidate;
  into.baseline += group.baseline;
  into.both += group.both;
  merge_examples(into, group);
}

void SummaryBuilder::add_route(RouteComparison route) {
  if (route.compared == 0) return;
  route.route = routes_.canonical(route.route);
  RouteComparison& into = of_routes_.try_emplace(route.route, RouteComparison{route.route, 0, 0, 0}).first->second;
  into.compared += route.compared;
  into.different += route.different;
}

CompareSummary SummaryBuilder::finish(const CompareTotals& totals) && {
  CompareSummary summary;
  for (auto& [key, group] : groups_) {
    const bool is_noise = group.is_noise();
    if (!is_noise && is_of_outcome(group.kind)) {
      summary.status += group.candidate;
      of_routes_[group.route].status += group.candidate;
    }
    (is_noise ? summary.noise : summary.differences).push_back(std::move(group));
  }
  sort_groups(summary.differences);
  sort_groups(summary.noise);
  for (const auto& [id, route] : of_routes_) summary.routes.push_back(route);
  summary.compared = totals.compared.value();
  for (const Counter& counter : totals.beyond) summary.beyond += counter.value();
  return summary;
}

}  // namespace understudy
