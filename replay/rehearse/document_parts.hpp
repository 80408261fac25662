// Parts of rehearsal.json. Each writes one member, key included. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/rehearse/rehearsal.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {

// What every part is written from. All outlive it.
struct DocumentContext {
  const RehearsalPlan& plan;
  const RehearsalOutcome& outcome;
  RunResult baseline;   // merged
  RunResult candidate;  // merged

  [[nodiscard]] const RunResult& merged(RunSide side) const { return side == RunSide::baseline ? baseline : candidate; }
};

// The mean of a metric over the side's valid runs of pairs; nothing when no run has it.
[[nodiscard]] std::optional<double> mean_of(const std::vector<RunRecord>& records, RunSide side, Metric metric);
// The side's last record with a database; null when there is none.
[[nodiscard]] const RunRecord* last_observed(const std::vector<RunRecord>& records, RunSide side);

void write_optional(JsonWriter& json, std::string_view key, std::optional<double> number);
void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts);
void write_latency(JsonWriter& json, std::string_view key, const HistogramSnapshot& latency_ns);
void write_comparisons(JsonWriter& json, std::string_view key, const std::vector<MetricComparison>& metrics);

void write_metrics_and_parts(JsonWriter& json, const DocumentContext& context);  // metrics, query_classes, routes
void write_runs(JsonWriter& json, const DocumentContext& context);               // latency, pairs, runs
void write_forecast(JsonWriter& json, const DocumentContext& context);
void write_environment(JsonWriter& json, const DocumentContext& context);  // locks, environment, traffic, counters

}  // namespace understudy
