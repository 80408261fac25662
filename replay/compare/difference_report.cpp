#include "replay/compare/difference_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>

namespace understudy {
namespace {

void append_group_text(std::string& text, const DifferenceGroup& group, const RouteTable& routes) {
  fmt::format_to(std::back_inserter(text), "{:>9}  {}  {} {}\n", group.candidate, routes.name(group.route),
                 to_string(group.kind), group.shape.empty() ? "(whole)" : group.shape);
  if (group.first.empty()) return;
  const DifferenceExample& example = group.first.front();
  fmt::format_to(std::back_inserter(text), "           expected {}, got {}; request {}, {} {}\n", example.expected,
                 example.actual, example.number, example.method, example.target);
}

void write_examples(JsonWriter& json, std::string_view key, const std::vector<DifferenceExample>& examples) {
  json.key(key).begin_array();
  for (const DifferenceExample& example : examples) {
    json.begin_object()
        .member("request", example.number)
        .member("method", example.method)
        .member("target", example.target)
        .member("expected", example.expected)
        .member("actual", example.actual);
    if (example.size > 0) json.member("size", example.size);
    json.end_object();
  }
  json.end_array();
}

void write_groups(JsonWriter& json, std::string_view key, std::span<const DifferenceGroup> groups,
                  const RouteTable& routes) {
  json.key(key).begin_array();
  for (const DifferenceGroup& group : groups) {
    json.begin_object()
        .member("route", routes.name(group.route))
        .member("kind", to_string(group.kind))
        .member("shape", group.shape)
        .member("count", group.candidate)
        .member("baseline_count", group.baseline)
        .member("both_count", group.both);
    write_examples(json, "first", group.first);
    write_examples(json, "worst", group.worst);
    json.end_object();
  }
  json.end_array();
}

void write_routes(JsonWriter& json, const CompareSummary& summary, const RouteTable& routes) {
  json.key("routes").begin_array();
  for (const RouteComparison& route : summary.routes) {
    json.begin_object()
        .member("route", routes.name(route.route))
        .member("compared", route.compared)
        .member("different", route.different)
        .member("status_mismatches", route.status)
        .end_object();
  }
  json.end_array();
}

void write_not_compared(JsonWriter& json, const CompareTotals& totals) {
  json.key("not_compared").begin_object();
  for (std::size_t i = 0; i < not_compared_reasons; ++i) {
    json.member(to_string(static_cast<NotCompared>(i)), totals.not_compared[i].value());
  }
  json.end_object();
}

void write_kinds(JsonWriter& json, const CompareTotals& totals) {
  json.key("by_kind").begin_object();
  for (std::size_t i = 0; i < difference_kinds; ++i) {
    json.member(to_string(static_cast<DifferenceKind>(i)), totals.by_kind[i].value());
  }
  json.end_object();
}

}  // namespace

std::string difference_text(const CompareSummary& summary, const RouteTable& routes, std::size_t groups) {
  std::string text;
  const std::size_t shown = std::min(groups, summary.differences.size());
  for (const DifferenceGroup& group : std::span(summary.differences).first(shown)) {
    append_group_text(text, group, routes);
  }
  if (shown < summary.differences.size()) {
    fmt::format_to(std::back_inserter(text), "           {} more kinds of difference\n",
                   summary.differences.size() - shown);
  }
  if (summary.beyond != 0) {
    fmt::format_to(std::back_inserter(text), "           {} differences of further kinds, which were only counted\n",
                   summary.beyond);
  }
  if (!summary.noise.empty()) {
    fmt::format_to(std::back_inserter(text),
                   "           {} kinds left out as noise: the baselines differ in them, too\n", summary.noise.size());
  }
  return text;
}

void write_differences(JsonWriter& json, const CompareSummary& summary, const CompareTotals& totals,
                       const RouteTable& routes) {
  json.begin_object()
      .member("compared", totals.compared.value())
      .member("equal", totals.equal.value())
      .member("different", totals.different.value())
      .member("noise_only", totals.noise_only.value())
      .member("status_mismatches", summary.status)
      .member("header_mismatches", totals.headers.value())
      .member("body_mismatches", totals.bodies.value())
      .member("bodies_not_kept", totals.bodies_not_kept.value())
      .member("cut", totals.cut.value())
      .member("beyond", summary.beyond);
  write_not_compared(json, totals);
  write_kinds(json, totals);
  write_groups(json, "differences", summary.differences, routes);
  write_groups(json, "noise", summary.noise, routes);
  write_routes(json, summary, routes);
  json.end_object();
}

}  // namespace understudy
