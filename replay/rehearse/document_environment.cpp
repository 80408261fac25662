// The members forecast, locks, environment, traffic and counters of rehearsal.json.
#include <algorithm>
#include <array>
#include <chrono>

#include "replay/forecast/credit_forecast.hpp"
#include "replay/rehearse/document_parts.hpp"
#include "traffic/base/time_text.hpp"
#include "traffic/command_line/config_file.hpp"

namespace understudy {
namespace {

constexpr std::array sides = {RunSide::baseline, RunSide::candidate};
constexpr std::size_t credit_points = 48;
constexpr double hours_shown_min = 24;
constexpr double hours_shown_max = 24 * 30;

struct SideForecast {
  DiskLoad load;
  CreditForecast credits;
};

[[nodiscard]] std::optional<SideForecast> forecast_of(const DocumentContext& context, RunSide side) {
  const ForecastPlan& plan = *context.plan.forecast;
  const auto scaled = [&](Metric metric) {
    auto value = mean_of(context.outcome.records, side, metric);
    if (value) *value *= plan.scale;
    return value;
  };
  const auto reads = scaled(Metric::device_reads);
  if (!reads) return std::nullopt;
  SideForecast forecast;
  forecast.load = {*reads, scaled(Metric::device_writes).value_or(0), scaled(Metric::device_read_bytes),
                   scaled(Metric::device_write_bytes)};
  forecast.credits = forecast_credits(plan.volume, forecast.load, plan.burst_balance);
  return forecast;
}

[[nodiscard]] double hours(Nanoseconds time) { return std::chrono::duration<double, std::ratio<3600>>(time).count(); }

void write_bound(JsonWriter& json, std::string_view key, const CreditBound& bound, WallTime start) {
  json.key(key).begin_object().member("demand_iops", bound.demand_iops);
  if (bound.time_to_empty) {
    json.member("seconds_to_empty", std::chrono::duration<double>(*bound.time_to_empty).count());
    std::string at;
    append_rfc3339(at, start + *bound.time_to_empty);
    json.member("empty_at", std::string_view(at));
  } else {
    json.key("seconds_to_empty").null().key("empty_at").null();
  }
  json.member("share_served_after", bound.share_served_after).end_object();
}

[[nodiscard]] double credits_after(const CreditForecast& forecast, const CreditBound& bound, double time_hours) {
  const double earned = forecast.volume.baseline_iops();
  const double left = forecast.credits - (bound.served_iops - earned) * time_hours * 3600;
  return std::clamp(left, 0.0, static_cast<double>(gp2_credits_max));
}

void write_side_forecast(JsonWriter& json, RunSide side, const std::optional<SideForecast>& forecast, WallTime start,
                         double horizon_hours) {
  json.key(to_string(side));
  if (!forecast) {
    json.null();
    return;
  }
  const CreditForecast& credits = forecast->credits;
  json.begin_object().member("read_iops", forecast->load.read_iops).member("write_iops", forecast->load.write_iops);
  json.member("text", std::string_view(to_text(credits, start)));
  write_bound(json, "low", credits.low, start);
  write_bound(json, "high", credits.high, start);
  json.key("credits").begin_array();
  for (std::size_t i = 0; credits.volume.has_credits() && i <= credit_points; ++i) {
    const double time = horizon_hours * static_cast<double>(i) / static_cast<double>(credit_points);
    json.begin_object().member("hours", time).member("low", credits_after(credits, credits.high, time));
    json.member("high", credits_after(credits, credits.low, time)).end_object();
  }
  json.end_array().end_object();
}

[[nodiscard]] WallTime start_of(const RehearsalState& state) {
  return parse_rfc3339(state.started_at).value_or(WallTime{});
}

void write_side(JsonWriter& json, const DocumentContext& context, RunSide side) {
  const RehearsalState& state = context.outcome.state;
  const SideFacts& facts = side == RunSide::baseline ? state.baseline : state.candidate;
  json.key(to_string(side)).begin_object();
  json.member("url", std::string_view(context.plan.side(side).shown_url()));
  json.member("build_version", std::string_view(facts.build_version));
  json.member("build_timestamp", std::string_view(facts.build_timestamp));
  const RunRecord* record = last_observed(context.outcome.records, side);
  static const RecordedDatabase nothing;
  const RecordedDatabase& database = record == nullptr ? nothing : *record->database;
  json.member("database", std::string_view(database.version)).key("settings").begin_object();
  for (const auto& [name, value] : database.settings) json.member(name, std::string_view(value));
  json.end_object().member("data_bytes", database.data_bytes).member("cache_bytes", database.cache_bytes);
  json.member("device", std::string_view(database.device)).end_object();
}

void write_raw(JsonWriter& json, std::string_view key, const std::string& text) {
  json.key(key);
  if (text.empty()) {
    json.null();
  } else {
    json.raw(text);
  }
}

// The comparison's own object, with what was compared as its first member.
void write_statistics(JsonWriter& json, const ComparedStatistics& statistics) {
  std::string text = "{\"between\":";
  append_json_string(text, statistics.between);
  json.raw(text + "," + statistics.json.substr(1));
}

void write_steps(JsonWriter& json, const std::vector<StepRecord>& steps) {
  json.key("steps").begin_array();
  for (const StepRecord& step : steps) {
    json.begin_object().member("name", std::string_view(step.name));
    json.member("started_at", std::string_view(step.started_at)).member("seconds", step.seconds);
    json.member("exit_code", step.exit_code).member("output", std::string_view(step.output)).end_object();
  }
  json.end_array();
}

void write_locks(JsonWriter& json, const std::vector<RunRecord>& records) {
  json.key("locks").begin_array();
  for (const RunRecord& record : records) {
    if (!record.database) continue;
    for (const std::string& lock : record.database->locks) {
      json.begin_object().member("side", to_string(record.place.side)).member("run", record.place.number);
      json.member("text", std::string_view(lock)).end_object();
    }
  }
  json.end_array();
}

void write_traffic(JsonWriter& json, const DocumentContext& context) {
  json.key("traffic").begin_object();
  write_texts(json, "recordings", context.plan.recordings);
  const auto& records = context.outcome.records;
  json.member("requests", records.empty() ? 0 : records.front().result.load.planned);
  json.member("pacing", std::string_view(records.empty() ? "" : records.front().result.identity.pacing));
  static constexpr std::string_view hidden[] = {"set-header", "token-command", "set-param", "token-header"};
  json.key("options").begin_array();
  for (const PlannedFlag& flag : context.plan.run_flags) {
    const bool is_hidden = std::ranges::count(hidden, flag.name) > 0;
    if (flag.is_switch) {
      json.begin_object().member("flag", std::string_view(flag.name)).member("value", "true").end_object();
    }
    for (const std::string& value : flag.values) {
      const std::string shown = is_hidden ? "***" : without_password(value);
      json.begin_object().member("flag", std::string_view(flag.name)).member("value", shown).end_object();
    }
  }
  json.end_array().end_object();
}

void write_counters(JsonWriter& json, const std::vector<RunRecord>& records) {
  json.key("counters").begin_array();
  for (const RunSide side : sides) {
    const RunRecord* record = last_observed(records, side);
    if (record == nullptr) continue;
    for (const RecordedCounter& counter : record->database->counters) {
      json.begin_object().member("name", std::string_view(counter.name)).member("side", to_string(side));
      json.member("available", counter.available).member("worth", std::string_view(counter.worth));
      json.member("problem", std::string_view(counter.problem)).end_object();
    }
  }
  json.end_array();
}

}  // namespace

void write_forecast(JsonWriter& json, const DocumentContext& context) {
  json.key("forecast");
  if (!context.plan.forecast) {
    json.null();
    return;
  }
  const ForecastPlan& plan = *context.plan.forecast;
  const std::array forecasts = {forecast_of(context, RunSide::baseline), forecast_of(context, RunSide::candidate)};
  double horizon = 0;
  for (const auto& forecast : forecasts) {
    if (forecast && forecast->credits.latest()) horizon = std::max(horizon, hours(*forecast->credits.latest()));
    if (forecast && forecast->credits.earliest()) horizon = std::max(horizon, hours(*forecast->credits.earliest()));
  }
  horizon = horizon == 0 ? hours_shown_min : std::min(horizon * 1.1, hours_shown_max);
  const WallTime start = start_of(context.outcome.state);
  json.begin_object().member("volume", std::string_view(plan.volume.text()));
  json.member("burst_balance", static_cast<double>(plan.burst_balance.per_million) / percentage_whole);
  json.member("scale", plan.scale);
  for (std::size_t i = 0; i < sides.size(); ++i) write_side_forecast(json, sides[i], forecasts[i], start, horizon);
  json.end_object();
}

void write_environment(JsonWriter& json, const DocumentContext& context) {
  const RehearsalState& state = context.outcome.state;
  write_locks(json, context.outcome.records);
  json.key("environment").begin_object();
  for (const RunSide side : sides) write_side(json, context, side);
  write_optional(json, "production_data_cache_ratio", context.plan.production_data_cache_ratio);
  write_raw(json, "tests", state.tests_json);
  json.key("statistics").begin_array();
  for (const ComparedStatistics& statistics : state.statistics) write_statistics(json, statistics);
  json.end_array();
  write_steps(json, state.steps);
  json.end_object();
  write_traffic(json, context);
  write_counters(json, context.outcome.records);
}

}  // namespace understudy
