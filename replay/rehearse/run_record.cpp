#include "replay/rehearse/run_record.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace understudy {
namespace {

// A quantile of fewer samples is that of a few requests.
constexpr std::uint64_t latency_samples_min = 20;
constexpr std::uint64_t p99_samples_min = 200;

[[nodiscard]] double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

[[nodiscard]] double ms_at(const HistogramSnapshot& histogram, double q) {
  return static_cast<double>(histogram.quantile(q)) / 1e6;
}

[[nodiscard]] MeasuredValues values_of(const Outcomes& outcomes, const ComparisonCounts& comparison, bool is_route) {
  MeasuredValues measured;
  measured.requests = static_cast<double>(outcomes.finished());
  if (outcomes.finished() == 0) return measured;
  auto& values = measured.values;
  values[Metric::errors] = share(outcomes.errors(), outcomes.finished());
  values[Metric::client_errors] = share(outcomes.of_class(4), outcomes.finished());
  if (outcomes.latency.count() >= latency_samples_min) {
    values[Metric::latency_p50] = ms_at(outcomes.latency, 0.5);
    values[Metric::latency_p95] = ms_at(outcomes.latency, 0.95);
    values[Metric::service_latency_p50] = ms_at(outcomes.service_latency, 0.5);
    values[Metric::service_latency_p95] = ms_at(outcomes.service_latency, 0.95);
  }
  if (outcomes.latency.count() >= p99_samples_min) values[Metric::latency_p99] = ms_at(outcomes.latency, 0.99);
  if (comparison.compared > 0) {
    values[Metric::status_mismatches] = share(comparison.status_mismatches, comparison.compared);
    // By route only the sum of all differences is kept.
    if (!is_route) values[Metric::body_mismatches] = share(comparison.body_mismatches, comparison.compared);
  }
  return measured;
}

[[nodiscard]] std::vector<std::string> invalid_reasons(const RunRecord& record) {
  std::vector<std::string> reasons = record.invalid;
  const RunResult& result = record.result;
  if (result.end != RunEnd::whole) reasons.push_back("the run ended early: " + result.end_reason);
  if (result.generator.saturated) reasons.push_back(result.generator.reason);
  return reasons;
}

}  // namespace

std::string_view to_string(RunPhase phase) { return phase == RunPhase::noise ? "aa" : "pair"; }

std::string RunPlace::folder() const { return fmt::format("runs/{:03}-{}", number, to_string(side)); }

MeasuredRun measured_run(const RunRecord& record) {
  const RunResult& result = record.result;
  MeasuredRun run;
  run.side = record.place.side;
  run.total = values_of(result.load.outcomes, result.load.comparison, false);
  run.duration_seconds = std::chrono::duration<double>(result.duration).count();
  run.target_rate = result.target_rate;
  run.achieved_rate = result.achieved_rate();
  run.planned = result.load.planned;
  run.answered = result.load.outcomes.completed();
  const std::uint64_t finished = result.load.outcomes.finished();
  run.unaccounted = run.planned > finished ? run.planned - finished : 0;
  run.invalid = invalid_reasons(record);
  for (const RouteResult& route : result.routes) {
    run.routes.push_back({route.name, values_of(route.outcomes, route.comparison, true)});
  }
  if (!record.database) return run;
  const RecordedDatabase& database = *record.database;
  for (const auto& [metric, value] : database.values) run.total.values[metric] = value;
  for (const RecordedClass& query_class : database.classes) {
    run.classes.push_back({query_class.id, query_class.query, {query_class.values, 0}});
  }
  if (database.cache_bytes > 0) {
    run.data_cache_ratio = static_cast<double>(database.data_bytes) / static_cast<double>(database.cache_bytes);
  }
  // Counters of the database cover the time from before the first request to after the last response.
  if (database.seconds > 0) run.duration_seconds = database.seconds;
  return run;
}

}  // namespace understudy
