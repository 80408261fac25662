// The members metrics, query_classes and routes of rehearsal.json.
#include <algorithm>
#include <array>
#include <map>

#include "replay/rehearse/document_parts.hpp"

namespace understudy {
namespace {

constexpr std::size_t classes_max = 500;
constexpr std::array sides = {RunSide::baseline, RunSide::candidate};

void write_comparison(JsonWriter& json, const MetricComparison& comparison) {
  const MetricInfo& info = metric_info(comparison.metric);
  json.begin_object().member("key", info.key).member("name", info.name).member("unit", to_string(info.unit));
  json.member("headline", comparison.headline).member("lower_is_better", true);
  json.member("baseline", comparison.baseline).member("candidate", comparison.candidate);
  write_optional(json, "ratio", comparison.ratio);
  write_optional(json, "low", comparison.low);
  write_optional(json, "high", comparison.high);
  write_optional(json, "p_t", comparison.p_t);
  write_optional(json, "p_sign_flip", comparison.p_sign_flip);
  write_optional(json, "p_adjusted", comparison.p_adjusted);
  write_optional(json, "noise_floor", comparison.noise_floor);
  json.member("margin", comparison.margin).member("pairs", comparison.pairs);
  json.member("verdict", to_string(comparison.verdict)).member("reason", std::string_view(comparison.reason));
  json.member("worth", info.worth).end_object();
}

void write_share(JsonWriter& json, const PartVerdict& part) {
  json.key("share");
  if (!part.share_of) {
    json.null();
  } else {
    json.begin_object().member("of", metric_info(*part.share_of).name).member("baseline", part.baseline_share);
    json.member("candidate", part.candidate_share).end_object();
  }
  json.key("estimated_read_iops");
  if (!part.baseline_read_iops || !part.candidate_read_iops) {
    json.null();
  } else {
    json.begin_object().member("baseline", *part.baseline_read_iops);
    json.member("candidate", *part.candidate_read_iops).end_object();
  }
}

// What the side's runs hold of a class; the last that has a plan speaks for all.
[[nodiscard]] const RecordedPlan* plan_of(const std::vector<RunRecord>& records, RunSide side, const std::string& id) {
  const RecordedPlan* plan = nullptr;
  for (const RunRecord& record : records) {
    if (record.place.side != side || !record.database) continue;
    for (const RecordedClass& query_class : record.database->classes) {
      if (query_class.id == id && query_class.plan) plan = &*query_class.plan;
    }
  }
  return plan;
}

// A plan without its figures: the lines up to their costs.
[[nodiscard]] std::string shape_of_plan(const std::string& text) {
  std::string shape;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    shape += line.substr(0, line.find("  (cost="));
    shape += '\n';
    begin = end + 1;
  }
  return shape;
}

void write_plans(JsonWriter& json, const std::vector<RunRecord>& records, const std::string& id) {
  const std::array plans = {plan_of(records, RunSide::baseline, id), plan_of(records, RunSide::candidate, id)};
  json.key("plans");
  if (plans[0] == nullptr && plans[1] == nullptr) {
    json.null();
    return;
  }
  json.begin_object();
  for (std::size_t i = 0; i < sides.size(); ++i) {
    json.key(to_string(sides[i]));
    if (plans[i] == nullptr) {
      json.null();
      continue;
    }
    json.begin_object().member("kind", "generic").member("text", std::string_view(plans[i]->text));
    json.member("error", std::string_view(plans[i]->error)).end_object();
  }
  const bool changed =
      plans[0] != nullptr && plans[1] != nullptr && shape_of_plan(plans[0]->text) != shape_of_plan(plans[1]->text);
  json.member("changed", changed).end_object();
}

// The mean share of each route in a class's statements, over the runs that know it.
void write_causes(JsonWriter& json, const std::vector<RunRecord>& records, const std::string& id) {
  std::map<std::string, double> shares;
  double runs = 0;
  std::string attribution = "none";
  for (const RunRecord& record : records) {
    if (!record.database) continue;
    for (const RecordedClass& query_class : record.database->classes) {
      if (query_class.id != id || query_class.routes.empty()) continue;
      runs += 1;
      attribution = record.database->attribution;
      for (const auto& [route, share] : query_class.routes) shares[route] += share;
    }
  }
  std::vector<std::pair<std::string, double>> ordered(shares.begin(), shares.end());
  std::ranges::sort(ordered, std::ranges::greater{}, [](const auto& route) { return route.second; });
  json.member("attribution", std::string_view(attribution)).key("routes").begin_array();
  for (const auto& [route, sum] : ordered) {
    json.begin_object().member("route", std::string_view(route)).member("share", sum / runs).end_object();
  }
  json.end_array();
}

void write_class(JsonWriter& json, const PartVerdict& part, const std::vector<RunRecord>& records) {
  json.begin_object().member("id", std::string_view(part.id)).member("query", std::string_view(part.name));
  json.member("presence", to_string(part.presence)).member("verdict", to_string(part.verdict));
  json.member("stands_out", part.stands_out).member("reason", std::string_view(part.reason));
  write_share(json, part);
  write_causes(json, records, part.id);
  write_comparisons(json, "metrics", part.metrics);
  write_plans(json, records, part.id);
  json.end_object();
}

void write_outcomes(JsonWriter& json, std::string_view key, const Outcomes& outcomes) {
  json.key(key).begin_object().member("sent", outcomes.sent).member("completed", outcomes.completed());
  json.member("errors", outcomes.errors()).key("statuses").begin_object();
  for (const auto& [status, count] : outcomes.by_status) json.member(std::to_string(status), count);
  json.end_object();
  write_latency(json, "latency_ms", outcomes.latency);
  json.end_object();
}

void write_differences(JsonWriter& json, std::string_view key, const ComparisonCounts& counts) {
  json.key(key).begin_object().member("compared", counts.compared).member("different", counts.different);
  json.member("status_mismatches", counts.status_mismatches)
      .member("body_mismatches", counts.body_mismatches)
      .end_object();
}

[[nodiscard]] const RouteResult* find_route(const RunResult& result, const std::string& name) {
  const auto found = std::ranges::find(result.routes, name, &RouteResult::name);
  return found == result.routes.end() ? nullptr : &*found;
}

void write_route(JsonWriter& json, const PartVerdict& part, const DocumentContext& context) {
  json.begin_object().member("name", std::string_view(part.name)).member("verdict", to_string(part.verdict));
  json.member("stands_out", part.stands_out).member("reason", std::string_view(part.reason));
  write_comparisons(json, "metrics", part.metrics);
  bool compared = false;
  for (const RunSide side : sides) {
    const RouteResult* route = find_route(context.merged(side), part.id);
    write_outcomes(json, to_string(side), route == nullptr ? Outcomes{} : route->outcomes);
    compared = compared || (route != nullptr && route->comparison.compared > 0);
  }
  json.key("differences");
  if (!compared) {
    json.null();
  } else {
    json.begin_object().member("of", "recorded responses");
    for (const RunSide side : sides) {
      const RouteResult* route = find_route(context.merged(side), part.id);
      write_differences(json, to_string(side), route == nullptr ? ComparisonCounts{} : route->comparison);
    }
    json.end_object();
  }
  json.end_object();
}

}  // namespace

void write_comparisons(JsonWriter& json, std::string_view key, const std::vector<MetricComparison>& metrics) {
  json.key(key).begin_array();
  for (const MetricComparison& comparison : metrics) write_comparison(json, comparison);
  json.end_array();
}

void write_metrics_and_parts(JsonWriter& json, const DocumentContext& context) {
  const JudgedRehearsal& judged = context.outcome.judged;
  write_comparisons(json, "metrics", judged.metrics);
  json.key("query_classes").begin_array();
  for (std::size_t i = 0; i < std::min(judged.classes.size(), classes_max); ++i) {
    write_class(json, judged.classes[i], context.outcome.records);
  }
  json.end_array().key("routes").begin_array();
  for (const PartVerdict& part : judged.routes) write_route(json, part, context);
  json.end_array();
}

}  // namespace understudy
