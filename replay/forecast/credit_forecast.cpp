#include "replay/forecast/credit_forecast.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "traffic/base/json_text.hpp"
#include "traffic/base/quantity_text.hpp"
#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

constexpr double time_seconds_max = 100.0 * 365 * 86'400;

struct Range {
  double low = 0;
  double high = 0;
};

// Operations of one kind as the volume bills them.
[[nodiscard]] Range billed(double iops, const std::optional<double>& bytes) {
  if (!bytes) return {iops, iops};
  const double whole = *bytes / static_cast<double>(ssd_operation_bytes_max);  // if each were as large as can be
  return {whole, iops + whole};
}

[[nodiscard]] CreditBound bound_of(const EbsVolume& volume, double credits, double demand) {
  CreditBound bound;
  const double baseline = volume.baseline_iops();
  bound.demand_iops = demand;
  bound.served_iops = std::min<double>(demand, credits > 0 ? volume.burst_iops() : baseline);
  bound.share_served_after = demand > baseline ? baseline / demand : 1;
  if (!volume.has_credits() || demand <= baseline) return bound;
  const double spent = std::min<double>(demand, volume.burst_iops()) - baseline;  // a second
  const double seconds = std::min(credits / spent, time_seconds_max);
  bound.time_to_empty = Nanoseconds(std::llround(seconds * 1e9));
  return bound;
}

[[nodiscard]] std::string iops_text(double iops) { return count_text(static_cast<std::uint64_t>(std::llround(iops))); }

// Whole seconds are enough, and read better.
[[nodiscard]] std::string time_of_day(WallTime time) {
  std::string text;
  append_rfc3339(text, std::chrono::floor<std::chrono::seconds>(time));
  return text.substr(0, text.find('.')) + "Z";
}

void append_bound(std::string& text, const CreditForecast& forecast, const CreditBound& bound, WallTime start) {
  auto out = std::back_inserter(text);
  fmt::format_to(out, "{} IOPS: ", iops_text(bound.demand_iops));
  const double baseline = forecast.volume.baseline_iops();
  if (bound.share_served_after == 1) {
    fmt::format_to(out, "within the baseline{}\n", forecast.volume.has_credits() ? ", credits never run out" : "");
    return;
  }
  const std::string after =
      fmt::format("{} IOPS are served, {:.0f} % of the demand", iops_text(baseline), bound.share_served_after * 100);
  if (!bound.time_to_empty) {
    fmt::format_to(out, "beyond what the volume does: {}\n", after);
  } else if (bound.time_to_empty->count() == 0) {
    fmt::format_to(out, "there are no credits: {}\n", after);
  } else {
    fmt::format_to(out, "credits run out after {}, at {}; then {}\n", duration_text(*bound.time_to_empty),
                   time_of_day(start + *bound.time_to_empty), after);
    if (bound.served_iops < bound.demand_iops) {
      fmt::format_to(out, "  until then {} IOPS are served\n", iops_text(bound.served_iops));
    }
  }
}

void write_bound(JsonWriter& json, std::string_view name, const CreditBound& bound, WallTime start) {
  json.key(name).begin_object().member("demand_iops", bound.demand_iops).member("served_iops", bound.served_iops);
  json.member("share_served_after", bound.share_served_after);
  if (bound.time_to_empty) {
    json.member("seconds_to_empty", std::chrono::duration<double>(*bound.time_to_empty).count());
    json.member("empty_at", std::string_view(time_of_day(start + *bound.time_to_empty)));
  } else {
    json.key("seconds_to_empty").null().key("empty_at").null();
  }
  json.end_object();
}

}  // namespace

CreditForecast forecast_credits(const EbsVolume& volume, const DiskLoad& load, Percentage burst_balance) {
  CreditForecast forecast;
  forecast.volume = volume;
  if (volume.has_credits()) {
    forecast.credits = static_cast<double>(gp2_credits_max) * burst_balance.per_million / percentage_whole;
  }
  const Range reads = billed(load.read_iops, load.read_bytes);
  const Range writes = billed(load.write_iops, load.write_bytes);
  forecast.low = bound_of(volume, forecast.credits, reads.low + writes.low);
  forecast.high = bound_of(volume, forecast.credits, reads.high + writes.high);
  forecast.is_range = (load.read_bytes || load.read_iops == 0) && (load.write_bytes || load.write_iops == 0);
  return forecast;
}

std::string to_text(const CreditForecast& forecast, WallTime start) {
  const EbsVolume& volume = forecast.volume;
  std::string text;
  auto out = std::back_inserter(text);
  fmt::format_to(out, "{}: baseline {} IOPS", volume.text(), iops_text(volume.baseline_iops()));
  if (volume.has_credits()) {
    fmt::format_to(out, ", bursts of {} IOPS, {} credits", iops_text(volume.burst_iops()), iops_text(forecast.credits));
  } else {
    text += ", no credits";
  }
  text += '\n';
  if (forecast.low.demand_iops != forecast.high.demand_iops) {
    text += "at most, if operations are split:   ";
    append_bound(text, forecast, forecast.high, start);
    text += "at least, if all can be merged:     ";
    append_bound(text, forecast, forecast.low, start);
  } else {
    append_bound(text, forecast, forecast.high, start);
  }
  if (!forecast.is_range)
    text += "the bytes were not given, so that there is no range: see --read-bytes, --write-bytes\n";
  return text;
}

std::string to_json(const CreditForecast& forecast, WallTime start) {
  const EbsVolume& volume = forecast.volume;
  JsonWriter json;
  json.begin_object().key("volume").begin_object();
  json.member("type", volume.type == EbsVolumeType::gp2 ? "gp2" : "gp3").member("gib", volume.gib);
  json.member("rds", volume.is_rds).member("baseline_iops", volume.baseline_iops());
  json.member("burst_iops", volume.burst_iops()).end_object();
  json.member("credits", forecast.credits).member("is_range", forecast.is_range);
  json.member("start", std::string_view(time_of_day(start)));
  write_bound(json, "low", forecast.low, start);
  write_bound(json, "high", forecast.high, start);
  json.end_object();
  return json.take();
}

}  // namespace understudy
