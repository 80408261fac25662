// The members latency, pairs and runs of rehearsal.json.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "replay/rehearse/document_parts.hpp"
#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

constexpr std::size_t curve_points = 100;
constexpr std::array series_metrics = {Metric::device_reads, Metric::device_read_bytes, Metric::device_writes,
                                       Metric::device_write_bytes, Metric::blocks_read};

[[nodiscard]] double ms_of(std::uint64_t ns) { return static_cast<double>(ns) / 1e6; }

// Even up to the median, and closer and closer towards 100 %, as percentile plots want it.
[[nodiscard]] double percent_at(std::size_t point) {
  constexpr double nines = 4;
  const double part = static_cast<double>(point) / static_cast<double>(curve_points);
  if (part <= 0.5) return 100 * part;
  const double above = (part - 0.5) * 2;
  return 100 * (1 - 0.5 * std::pow(10, -nines * above));
}

void write_side_latency(JsonWriter& json, RunSide side, const RunResult& merged) {
  const Outcomes& outcomes = merged.load.outcomes;
  json.key(to_string(side)).begin_object();
  write_latency(json, "latency_ms", outcomes.latency);
  write_latency(json, "service_latency_ms", outcomes.service_latency);
  json.key("curve").begin_array();
  if (outcomes.latency.count() > 0) {
    for (std::size_t i = 0; i <= curve_points; ++i) {
      const double percent = i == curve_points ? 100 : percent_at(i);
      json.begin_object().member("percent", percent);
      json.member("ms", ms_of(outcomes.latency.quantile(percent / 100))).end_object();
    }
  }
  json.end_array().end_object();
}

void write_pair(JsonWriter& json, const RunRecord& first, const RunRecord* second, const std::string& reason) {
  const bool is_noise = first.place.phase == RunPhase::noise;
  json.begin_object().member("number", first.place.pair).member("phase", to_string(first.place.phase));
  json.member("first", first.place.number).key("second");
  if (second == nullptr) {
    json.null();
  } else {
    json.value(second->place.number);
  }
  json.member("order", is_noise ? "AA" : first.place.side == RunSide::baseline ? "AB" : "BA");
  json.member("valid", second != nullptr && reason.empty());
  json.member("reason", std::string_view(second == nullptr ? "its second run was not played" : reason)).end_object();
}

void write_pairs(JsonWriter& json, const RehearsalOutcome& outcome) {
  json.key("pairs").begin_array();
  std::array<std::size_t, 2> judged{};  // whole pairs so far, by phase: the order of the judged ones
  const auto& records = outcome.records;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const RunRecord& first = records[i];
    if (first.place.is_second) continue;
    const auto second = std::ranges::find_if(records, [&](const RunRecord& record) {
      return record.place.is_second && record.place.phase == first.place.phase && record.place.pair == first.place.pair;
    });
    std::string reason;
    if (second != records.end()) {
      const bool is_noise = first.place.phase == RunPhase::noise;
      const auto& reasons = is_noise ? outcome.judged.invalid_noise_pairs : outcome.judged.invalid_pairs;
      const std::size_t index = judged.at(is_noise ? 0 : 1)++;
      if (index < reasons.size()) reason = reasons[index];
    }
    write_pair(json, first, second == records.end() ? nullptr : &*second, reason);
  }
  json.end_array();
}

// The sample of the device that covers most of a point's time.
[[nodiscard]] const RecordedSample* sample_at(const RecordedDatabase& database, double from, double until) {
  const RecordedSample* best = nullptr;
  double most = 0;
  for (const RecordedSample& sample : database.samples) {
    const double shared = std::min(until, sample.second) - std::max(from, sample.second - sample.seconds);
    if (shared > most) {
      most = shared;
      best = &sample;
    }
  }
  return best;
}

void write_series(JsonWriter& json, const RunRecord& record) {
  json.key("series").begin_array();
  for (const SeriesPoint& point : record.result.series) {
    json.begin_object().member("second", point.second).member("seconds", point.seconds);
    json.member("sent", point.sent).member("completed", point.completed).member("errors", point.errors);
    json.member("latency_p50_ms", ms_of(point.latency_p50)).member("latency_p99_ms", ms_of(point.latency_p99));
    json.member("lateness_p99_ms", ms_of(point.lateness_p99));
    const auto from = static_cast<double>(point.second);
    const RecordedSample* sample =
        record.database ? sample_at(*record.database, from, from + static_cast<double>(point.seconds)) : nullptr;
    for (const Metric metric : series_metrics) {
      std::optional<double> value;
      if (sample != nullptr) {
        if (const auto found = sample->values.find(metric); found != sample->values.end()) value = found->second;
      }
      write_optional(json, metric_info(metric).key, value);
    }
    json.end_object();
  }
  json.end_array();
}

void write_load(JsonWriter& json, const RunRecord& record, const MeasuredRun& run) {
  const RunResult& result = record.result;
  json.member("duration_seconds", std::chrono::duration<double>(result.duration).count());
  json.member("excluded_seconds", record.excluded_seconds);
  write_optional(json, "target_rate", result.target_rate);
  json.member("achieved_rate", result.achieved_rate()).member("planned", result.load.planned);
  json.member("sent", result.load.outcomes.sent).member("completed", result.load.outcomes.completed());
  json.member("errors", result.load.outcomes.errors()).key("held_back").begin_object();
  for (const NamedCount& reason : result.held_back) json.member(reason.name, reason.count);
  json.end_object().key("lost_by").begin_object();
  for (std::size_t i = 0; i < loss_reason_count; ++i) {
    const std::uint64_t count = result.load.outcomes.lost[i];
    if (count != 0) json.member(to_string(static_cast<LossReason>(i)), count);
  }
  json.end_object().member("unaccounted", run.unaccounted);
  write_latency(json, "latency_ms", result.load.outcomes.latency);
  write_latency(json, "lateness_ms", result.load.lateness);
  json.key("values").begin_object();
  for (const auto& [metric, value] : run.total.values) json.member(metric_info(metric).key, value);
  json.end_object();
}

void write_run(JsonWriter& json, const RunRecord& record) {
  const MeasuredRun run = measured_run(record);
  std::string started_at;
  append_rfc3339(started_at, record.started_at);
  json.begin_object().member("number", record.place.number).member("phase", to_string(record.place.phase));
  json.member("pair", record.place.pair).member("side", to_string(record.place.side));
  json.member("folder", std::string_view(record.place.folder())).member("started_at", std::string_view(started_at));
  json.member("valid", run.invalid.empty());
  write_texts(json, "reasons", run.invalid);
  write_load(json, record, run);
  write_series(json, record);
  write_optional(json, "burst_balance", record.database ? record.database->burst_balance : std::nullopt);
  write_optional(json, "data_cache_ratio", run.data_cache_ratio);
  json.member("build_version", std::string_view(record.build_version));
  json.member("build_timestamp", std::string_view(record.build_timestamp)).end_object();
}

}  // namespace

void write_latency(JsonWriter& json, std::string_view key, const HistogramSnapshot& latency_ns) {
  json.key(key).begin_object().member("count", latency_ns.count());
  if (latency_ns.count() != 0) {
    json.member("min", ms_of(latency_ns.minimum())).member("mean", latency_ns.mean() / 1e6);
    json.member("p50", ms_of(latency_ns.quantile(0.5))).member("p90", ms_of(latency_ns.quantile(0.9)));
    json.member("p95", ms_of(latency_ns.quantile(0.95))).member("p99", ms_of(latency_ns.quantile(0.99)));
    json.member("p99_9", ms_of(latency_ns.quantile(0.999))).member("max", ms_of(latency_ns.maximum()));
  }
  json.end_object();
}

void write_runs(JsonWriter& json, const DocumentContext& context) {
  json.key("latency").begin_object();
  write_side_latency(json, RunSide::baseline, context.baseline);
  write_side_latency(json, RunSide::candidate, context.candidate);
  json.end_object();
  write_pairs(json, context.outcome);
  json.key("runs").begin_array();
  for (const RunRecord& record : context.outcome.records) write_run(json, record);
  json.end_array();
}

}  // namespace understudy
