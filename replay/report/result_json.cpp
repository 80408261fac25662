// docs/replay-report.md has the keys.
#include <string_view>

#include "replay/report/reports.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

constexpr int schema_version = 1;

double seconds_of(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }
double ms_of(std::uint64_t ns) { return static_cast<double>(ns) / 1e6; }

std::string rfc3339(WallTime time) {
  std::string text;
  append_rfc3339(text, time);
  return text;
}

std::string_view to_string(Completeness completeness) {
  switch (completeness) {
    case Completeness::complete: return "complete";
    case Completeness::incomplete: return "incomplete";
    case Completeness::unknown: return "unknown";
  }
  return "";
}

std::string_view to_string(RunEnd end) {
  switch (end) {
    case RunEnd::whole: return "whole";
    case RunEnd::interrupted: return "interrupted";
    case RunEnd::aborted: return "aborted";
    case RunEnd::failed: return "failed";
  }
  return "";
}

std::string_view to_string(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::none: return "none";
    case VerdictKind::passed: return "passed";
    case VerdictKind::failed: return "failed";
    case VerdictKind::inconclusive: return "inconclusive";
    case VerdictKind::aborted: return "aborted";
  }
  return "";
}

std::string_view to_string(ObjectiveState state) {
  switch (state) {
    case ObjectiveState::passed: return "passed";
    case ObjectiveState::failed: return "failed";
    case ObjectiveState::not_decidable: return "not_decidable";
  }
  return "";
}

void write_optional(JsonWriter& json, std::string_view key, std::optional<double> number) {
  json.key(key);
  if (number) {
    json.value(*number);
  } else {
    json.null();
  }
}

void write_histogram(JsonWriter& json, std::string_view key, const HistogramSnapshot& histogram) {
  json.key(key).begin_object().member("count", histogram.count());
  if (histogram.count() != 0) {
    json.member("min", ms_of(histogram.minimum())).member("mean", histogram.mean() / 1e6);
    json.member("p50", ms_of(histogram.quantile(0.5))).member("p90", ms_of(histogram.quantile(0.9)));
    json.member("p95", ms_of(histogram.quantile(0.95))).member("p99", ms_of(histogram.quantile(0.99)));
    json.member("p99_9", ms_of(histogram.quantile(0.999))).member("max", ms_of(histogram.maximum()));
  }
  json.end_object();
}

void write_outcomes(JsonWriter& json, const Outcomes& outcomes) {
  json.member("sent", outcomes.sent).member("completed", outcomes.completed());
  json.member("errors", outcomes.errors()).member("lost", outcomes.lost_total());
  json.key("classes").begin_object();
  for (unsigned hundreds = 1; hundreds <= 5; ++hundreds) {
    json.member(std::string(1, static_cast<char>('0' + hundreds)) + "xx", outcomes.of_class(hundreds));
  }
  json.end_object().key("statuses").begin_object();
  for (const auto& [status, count] : outcomes.by_status) json.member(std::to_string(status), count);
  json.end_object().key("lost_by").begin_object();
  for (std::size_t i = 0; i < loss_reason_count; ++i) {
    if (outcomes.lost[i] != 0) json.member(to_string(static_cast<LossReason>(i)), outcomes.lost[i]);
  }
  json.end_object();
  write_histogram(json, "latency_ms", outcomes.latency);
  write_histogram(json, "service_latency_ms", outcomes.service_latency);
}

void write_comparison_counts(JsonWriter& json, const ComparisonCounts& counts) {
  json.key("comparison").begin_object();
  json.member("compared", counts.compared).member("different", counts.different);
  json.member("status_mismatches", counts.status_mismatches).member("header_mismatches", counts.header_mismatches);
  json.member("body_mismatches", counts.body_mismatches).member("not_comparable", counts.not_comparable);
  json.end_object();
}

void write_load(JsonWriter& json, std::string_view key, const LoadFigures& load) {
  json.key(key).begin_object().member("planned", load.planned);
  write_outcomes(json, load.outcomes);
  write_histogram(json, "lateness_ms", load.lateness);
  write_histogram(json, "wait_ms", load.wait);
  json.member("connections_opened", load.connections_opened);
  json.member("bytes_out", load.bytes_out).member("bytes_in", load.bytes_in);
  write_comparison_counts(json, load.comparison);
  json.end_object();
}

void write_recording(JsonWriter& json, const RecordingReport& recording) {
  json.key("recording").begin_object().member("format", recording.format).member("files", recording.files);
  json.member("bytes", recording.bytes).member("exchanges", recording.exchanges);
  json.member("responses", recording.responses).member("completeness", to_string(recording.completeness));
  json.member("damages", recording.damages).member("origin", recording.origin);
  if (recording.first) json.member("first", rfc3339(*recording.first));
  if (recording.last) json.member("last", rfc3339(*recording.last));
  json.end_object();
}

void write_identity(JsonWriter& json, const RunIdentity& identity) {
  json.member("tool_version", identity.tool_version).member("start", rfc3339(identity.start));
  json.key("recordings").begin_array();
  for (const std::string& name : identity.recordings) json.value(name);
  json.end_array();
  write_recording(json, identity.recording);
  json.member("target", identity.target).key("baseline_target");
  if (identity.baseline.empty()) {
    json.null();
  } else {
    json.value(identity.baseline);
  }
  json.member("pacing", identity.pacing).key("options").begin_array();
  for (const auto& [flag, value] : identity.options) {
    json.begin_object().member("flag", flag).member("value", value).end_object();
  }
  json.end_array();
}

void write_verdict(JsonWriter& json, const RunResult& result) {
  json.key("verdict").begin_object().member("kind", to_string(result.verdict.kind));
  json.member("exit_code", static_cast<int>(result.verdict.exit_code)).key("reasons").begin_array();
  for (const std::string& reason : result.verdict.reasons) json.value(reason);
  json.end_array().end_object().key("objectives").begin_array();
  for (const ObjectiveResult& objective : result.objectives) {
    json.begin_object().member("text", objective.text).member("state", to_string(objective.state));
    json.member("measured", objective.measured).member("reason", objective.reason).end_object();
  }
  json.end_array();
}

void write_generator(JsonWriter& json, const GeneratorHealth& generator) {
  json.key("generator").begin_object().member("saturated", generator.saturated).member("reason", generator.reason);
  json.member("spinning", generator.spinning).key("sender_cpu").begin_array();
  for (const double cpu : generator.sender_cpu) json.value(cpu);
  json.end_array().end_object();
}

void write_series(JsonWriter& json, const std::vector<SeriesPoint>& series) {
  json.key("series").begin_array();
  for (const SeriesPoint& point : series) {
    json.begin_object().member("second", point.second).member("seconds", point.seconds);
    write_optional(json, "target_rate", point.target_rate);
    json.member("due", point.due).member("sent", point.sent).member("completed", point.completed);
    json.member("errors", point.errors).member("latency_p50_ms", ms_of(point.latency_p50));
    json.member("latency_p99_ms", ms_of(point.latency_p99)).member("lateness_p99_ms", ms_of(point.lateness_p99));
    json.end_object();
  }
  json.end_array();
}

void write_routes(JsonWriter& json, const std::vector<RouteResult>& routes) {
  json.key("routes").begin_array();
  for (const RouteResult& route : routes) {
    json.begin_object().member("name", route.name);
    write_outcomes(json, route.outcomes);
    write_comparison_counts(json, route.comparison);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string result_json(const RunResult& result) {
  JsonWriter json;
  json.begin_object().member("schema", schema_version);
  write_identity(json, result.identity);
  write_verdict(json, result);
  json.member("end", to_string(result.end)).member("end_reason", result.end_reason);
  json.member("duration_seconds", seconds_of(result.duration));
  json.member("warm_up_seconds", seconds_of(result.warm_up)).member("cool_down_seconds", seconds_of(result.cool_down));
  json.member("excluded", result.excluded);
  write_optional(json, "target_rate", result.target_rate);
  json.member("achieved_rate", result.achieved_rate());
  write_load(json, "load", result.load);
  if (result.baseline) write_load(json, "baseline", *result.baseline);
  write_generator(json, result.generator);
  json.key("held_back").begin_object();
  for (const NamedCount& reason : result.held_back) json.member(reason.name, reason.count);
  json.end_object();
  write_routes(json, result.routes);
  json.key("differences");
  if (result.differences_json.empty()) {
    json.null();
  } else {
    json.raw(result.differences_json);
  }
  write_series(json, result.series);
  json.end_object();
  return json.take();
}

}  // namespace understudy
