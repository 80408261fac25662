#include "replay/rehearse/document.hpp"

#include <algorithm>
#include <set>

#include "replay/rehearse/document_parts.hpp"
#include "replay/rehearse/merged_result.hpp"

namespace understudy {
namespace {

constexpr int schema_version = 1;

[[nodiscard]] std::string_view to_text(ObjectiveState state) {
  switch (state) {
    case ObjectiveState::passed: return "passed";
    case ObjectiveState::failed: return "failed";
    case ObjectiveState::not_decidable: return "not_decidable";
  }
  return "";
}

void write_standouts(JsonWriter& json, std::string_view kind, const std::vector<PartVerdict>& parts) {
  for (const PartVerdict& part : parts) {
    if (!part.stands_out) continue;
    json.begin_object().member("kind", kind).member("id", std::string_view(part.id));
    json.member("name", std::string_view(part.name)).member("verdict", to_string(part.verdict));
    json.member("text", std::string_view(part.reason)).end_object();
  }
}

void write_verdict(JsonWriter& json, const DocumentContext& context) {
  const JudgedRehearsal& judged = context.outcome.judged;
  const VerdictMethod& method = context.plan.method;
  json.key("verdict").begin_object().member("kind", to_string(judged.verdict));
  json.member("exit_code", static_cast<int>(context.outcome.exit_code));
  json.member("headline", std::string_view(judged.headline));
  write_texts(json, "reasons", judged.reasons);
  json.key("stands_out").begin_array();
  write_standouts(json, "query_class", judged.classes);
  write_standouts(json, "route", judged.routes);
  json.end_array();
  json.member("alpha", method.alpha).member("confidence", 1 - method.alpha).member("margin", method.margin);
  json.member("pairs", judged.pairs).member("pairs_needed", method.pairs_needed).end_object();
}

void write_objectives(JsonWriter& json, const std::vector<ObjectiveResult>& objectives) {
  json.key("objectives").begin_array();
  for (const ObjectiveResult& objective : objectives) {
    json.begin_object().member("text", std::string_view(objective.text)).member("state", to_text(objective.state));
    json.member("measured", std::string_view(objective.measured));
    json.member("reason", std::string_view(objective.reason)).end_object();
  }
  json.end_array();
}

// Each once, in the order in which they came up.
[[nodiscard]] std::vector<std::string> warnings_of(const RehearsalOutcome& outcome) {
  std::vector<std::string> warnings = outcome.state.warnings;
  warnings.insert(warnings.end(), outcome.judged.warnings.begin(), outcome.judged.warnings.end());
  for (const RunRecord& record : outcome.records) {
    if (!record.database) continue;
    for (const std::string& warning : record.database->warnings) {
      warnings.push_back(std::string(to_string(record.place.side)) + ": " + warning);
    }
  }
  std::set<std::string> seen;
  std::erase_if(warnings, [&](const std::string& warning) { return !seen.insert(warning).second; });
  return warnings;
}

void write_time(JsonWriter& json, std::string_view key, const std::string& time) {
  json.key(key);
  if (time.empty()) {
    json.null();
  } else {
    json.value(std::string_view(time));
  }
}

}  // namespace

void write_optional(JsonWriter& json, std::string_view key, std::optional<double> number) {
  json.key(key);
  if (number) {
    json.value(*number);
  } else {
    json.null();
  }
}

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).begin_array();
  for (const std::string& text : texts) json.value(std::string_view(text));
  json.end_array();
}

std::optional<double> mean_of(const std::vector<RunRecord>& records, RunSide side, Metric metric) {
  double sum = 0;
  double count = 0;
  for (const RunRecord& record : records) {
    if (record.place.phase != RunPhase::pair || record.place.side != side) continue;
    const MeasuredRun run = measured_run(record);
    const auto found = run.total.values.find(metric);
    if (!run.invalid.empty() || found == run.total.values.end()) continue;
    sum += found->second;
    count += 1;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

const RunRecord* last_observed(const std::vector<RunRecord>& records, RunSide side) {
  const RunRecord* last = nullptr;
  for (const RunRecord& record : records) {
    if (record.place.side == side && record.database) last = &record;
  }
  return last;
}

std::string rehearsal_json(const RehearsalPlan& plan, const RehearsalOutcome& outcome,
                           const std::string& tool_version) {
  const DocumentContext context{plan, outcome, merged_result(outcome.records, RunSide::baseline),
                                merged_result(outcome.records, RunSide::candidate)};
  JsonWriter json;
  json.begin_object().member("schema", schema_version).member("name", std::string_view(plan.name));
  json.member("tool_version", std::string_view(tool_version));
  write_time(json, "started_at", outcome.state.started_at);
  write_time(json, "finished_at", outcome.state.finished_at);
  json.member("end", std::string_view(outcome.state.end));
  json.member("end_reason", std::string_view(outcome.state.end_reason));
  write_verdict(json, context);
  write_objectives(json, outcome.objectives);
  write_metrics_and_parts(json, context);
  write_runs(json, context);
  write_forecast(json, context);
  write_environment(json, context);
  write_texts(json, "warnings", warnings_of(outcome));
  json.end_object();
  return json.take();
}

}  // namespace understudy
