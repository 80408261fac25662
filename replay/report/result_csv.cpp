// RFC 4180, with LF line ends, as most tools write and all read it.
#include <fmt/format.h>

#include <iterator>

#include "replay/report/reports.hpp"

namespace understudy {
namespace {

double ms_of(std::uint64_t ns) { return static_cast<double>(ns) / 1e6; }

// A field with quotes where it needs them.
std::string field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

void append_latency(std::string& out, const HistogramSnapshot& latency) {
  if (latency.count() == 0) {
    out += ",,,,,,";
    return;
  }
  fmt::format_to(std::back_inserter(out), ",{:.3f},{:.3f},{:.3f},{:.3f},{:.3f},{:.3f}", latency.mean() / 1e6,
                 ms_of(latency.quantile(0.5)), ms_of(latency.quantile(0.9)), ms_of(latency.quantile(0.99)),
                 ms_of(latency.quantile(0.999)), ms_of(latency.maximum()));
}

}  // namespace

std::string seconds_csv(const RunResult& result) {
  std::string out =
      "second,seconds,target_rate,due,sent,completed,errors,latency_p50_ms,latency_p99_ms,lateness_p99_ms\n";
  for (const SeriesPoint& point : result.series) {
    const std::string target = point.target_rate ? fmt::format("{:.3f}", *point.target_rate) : "";
    fmt::format_to(std::back_inserter(out), "{},{},{},{},{},{},{},{:.3f},{:.3f},{:.3f}\n", point.second, point.seconds,
                   target, point.due, point.sent, point.completed, point.errors, ms_of(point.latency_p50),
                   ms_of(point.latency_p99), ms_of(point.lateness_p99));
  }
  return out;
}

std::string routes_csv(const RunResult& result) {
  std::string out = "route,sent,completed,lost,1xx,2xx,3xx,4xx,5xx";
  for (const std::string_view latency : {"latency", "service_latency"}) {
    for (const std::string_view statistic : {"mean", "p50", "p90", "p99", "p99_9", "max"}) {
      fmt::format_to(std::back_inserter(out), ",{}_{}_ms", latency, statistic);
    }
  }
  out += ",compared,different,status_mismatches\n";
  for (const RouteResult& route : result.routes) {
    const Outcomes& outcomes = route.outcomes;
    fmt::format_to(std::back_inserter(out), "{},{},{},{}", field(route.name), outcomes.sent, outcomes.completed(),
                   outcomes.lost_total());
    for (unsigned hundreds = 1; hundreds <= 5; ++hundreds) {
      fmt::format_to(std::back_inserter(out), ",{}", outcomes.of_class(hundreds));
    }
    append_latency(out, outcomes.latency);
    append_latency(out, outcomes.service_latency);
    fmt::format_to(std::back_inserter(out), ",{},{},{}\n", route.comparison.compared, route.comparison.different,
                   route.comparison.status_mismatches);
  }
  return out;
}

}  // namespace understudy
