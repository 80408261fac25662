#include "sample_run.hpp"

#include <algorithm>

namespace understudy::test {
namespace {

constexpr std::uint64_t answered = 59'940;

RouteResult route_of(std::string name, std::uint64_t count, std::uint64_t latency_ns) {
  RouteResult route;
  route.name = std::move(name);
  route.outcomes.sent = count;
  route.outcomes.by_status = {{200, count}};
  route.outcomes.latency = histogram_of(count, [=](std::uint64_t) { return latency_ns; });
  route.outcomes.service_latency = route.outcomes.latency;
  return route;
}

LoadFigures sample_load() {
  LoadFigures load;
  load.planned = 60'000;
  load.outcomes.sent = 60'000;
  load.outcomes.by_status = {{200, 59'400}, {404, 300}, {503, 240}};
  load.outcomes.lost[static_cast<std::size_t>(LossReason::timed_out)] = 60;
  load.outcomes.latency = histogram_of(answered, [](std::uint64_t i) { return ms(1 + i % 100); });
  load.outcomes.service_latency = histogram_of(answered, [](std::uint64_t i) { return ms(1 + i % 100) / 2; });
  load.lateness = histogram_of(60'000, [](std::uint64_t) { return 10'000; });
  load.wait = histogram_of(60'000, [](std::uint64_t) { return 0; });
  load.connections_opened = 64;
  load.bytes_out = 6 << 20;
  load.bytes_in = 60 << 20;
  return load;
}

}  // namespace

HistogramSnapshot histogram_of(std::uint64_t count, const std::function<std::uint64_t(std::uint64_t)>& value_ns) {
  std::uint64_t highest = 1;  // no wider than it must be: wide ones take tests long to copy
  for (std::uint64_t i = 0; i < count; ++i) highest = std::max(highest, value_ns(i));
  Histogram histogram(highest);
  for (std::uint64_t i = 0; i < count; ++i) histogram.record(value_ns(i));
  return histogram.snapshot();
}

RunResult sample_run() {
  RunResult result;
  result.identity.tool_version = "understudy-replay 1.2.3";
  result.identity.start = WallTime(std::chrono::seconds(1'767'322'800));  // 2026-01-02T03:00:00Z
  result.identity.recordings = {"monday.take"};
  result.identity.recording.format = "take";
  result.identity.recording.files = 1;
  result.identity.recording.exchanges = 60'000;
  result.identity.recording.completeness = Completeness::complete;
  result.identity.target = "http://candidate:8080";
  result.identity.pacing = "1,000/s for 1 min (1 min, 60,000 requests)";
  result.identity.options = {{"--rate", "1000/s for 1m"}};
  result.load = sample_load();
  result.duration = std::chrono::minutes(1);
  result.target_rate = 1'000;
  result.routes = {route_of("GET /orders/{id}", 2'000, ms(5)), route_of("GET /a,\"b\"", 10, ms(500))};
  result.series = {{.second = 0,
                    .target_rate = 1'000,
                    .due = 1'000,
                    .sent = 1'000,
                    .completed = 998,
                    .errors = 4,
                    .latency_p50 = ms(50),
                    .latency_p99 = ms(99),
                    .lateness_p99 = 10'000},
                   {.second = 1, .due = 1'000, .sent = 1'000, .completed = 1'000, .errors = 0}};
  result.generator.sender_cpu = {0.31, 0.28};
  return result;
}

}  // namespace understudy::test
