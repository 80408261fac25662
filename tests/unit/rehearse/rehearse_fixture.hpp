// Plans and runs for tests of a rehearsal.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replay/rehearse/plan.hpp"
#include "replay/rehearse/ports.hpp"
#include "replay/rehearse/run_order.hpp"
#include "replay/rehearse/run_record.hpp"
#include "traffic/observe/histogram.hpp"

namespace understudy::rehearse_test {

inline constexpr const char* small_plan = R"(name = "orders"
[baseline]
url = "http://127.0.0.1:8081"
environment = "none"
[candidate]
url = "http://127.0.0.1:8082"
environment = "none"
[traffic]
recording = "monday.take"
[pacing]
rate = "50/s"
loop = true
[verdict]
data-cache-ratio = 6.0
)";

[[nodiscard]] inline Result<RehearsalPlan> parsed(const std::string& text) {
  return parse_plan("plan.toml", text, [](const std::string& name) -> std::optional<std::string> {
    if (name == "DATABASE") return "postgres://observer:secret@db.test/orders";
    return std::nullopt;
  });
}

// `small_plan` with more behind it.
[[nodiscard]] inline RehearsalPlan plan_with(const std::string& more = "") {
  auto plan = parsed(small_plan + more);
  EXPECT_TRUE(plan.has_value()) << plan.error().message;
  return plan.value_or(RehearsalPlan{});
}

[[nodiscard]] inline HistogramSnapshot histogram_of_ms(std::uint64_t count, double ms) {
  Histogram histogram(Histogram::one_hour_ns);
  for (std::uint64_t i = 0; i < count; ++i) histogram.record(static_cast<std::uint64_t>(ms * 1e6));
  return histogram.snapshot();
}

// A run of 1,000 requests in 20 s. `effect` multiplies what the candidate reads and takes.
[[nodiscard]] inline RunResult played_run(double latency_ms) {
  RunResult result;
  result.duration = std::chrono::seconds(20);
  result.target_rate = 50;
  result.load.planned = result.load.outcomes.sent = 1000;
  result.load.outcomes.by_status = {{200, 990}, {404, 9}};
  result.load.outcomes.lost[static_cast<std::size_t>(LossReason::timed_out)] = 1;
  result.load.outcomes.latency = histogram_of_ms(999, latency_ms);
  result.load.outcomes.service_latency = histogram_of_ms(999, latency_ms / 2);
  result.load.lateness = histogram_of_ms(1000, 0.1);
  result.routes.push_back({"GET /events/{id}", result.load.outcomes, {}});
  result.series.push_back({.second = 0, .seconds = 1, .target_rate = 50, .due = 50, .sent = 50, .completed = 50});
  result.held_back.push_back({"writes", 12});
  result.identity.pacing = "50/s";
  return result;
}

[[nodiscard]] inline RecordedDatabase observed_database(double reads, double insert_blocks, double shake) {
  RecordedDatabase database;
  database.version = "PostgreSQL 15.18";
  database.settings = {{"shared_buffers", "16 MiB"}};
  database.data_bytes = 96'000'000;
  database.cache_bytes = 16'000'000;
  database.device = "loop0";
  database.seconds = 20;
  const double select_blocks = reads * 13 * shake;
  database.values = {{Metric::device_reads, reads * shake},
                     {Metric::device_writes, 40},
                     {Metric::device_read_bytes, reads * 110'000},
                     {Metric::device_write_bytes, 900'000},
                     {Metric::blocks_read, select_blocks + insert_blocks},
                     {Metric::database_time, reads * shake}};
  RecordedClass select{"5e1ec7", "SELECT * FROM events WHERE a = $1", {{Metric::blocks_read, select_blocks}}, {}, {}};
  select.plan = RecordedPlan{reads > 100 ? "Seq Scan on events  (cost=0.00..9)" : "Index Scan using i on events", ""};
  select.routes = {{"GET /events/{id}", 1.0}};
  RecordedClass insert{
      "1259ea", "INSERT INTO events VALUES ($1)", {{Metric::blocks_read, insert_blocks * shake}}, {}, {}};
  database.classes = {select, insert};
  database.samples = {{1.0, 1.0, {{Metric::device_reads, reads}, {Metric::blocks_read, select_blocks}}}};
  database.counters = {{"/proc/diskstats", true, "true operations", ""}};
  database.locks = {"ShareLock on events: seen once"};
  database.attribution = "time";
  return database;
}

// All runs of a plan: the story's, where the candidate reads 25 times less and its INSERT reads more.
[[nodiscard]] inline std::vector<RunRecord> story(const RehearsalPlan& plan) {
  std::vector<RunRecord> records;
  for (const RunPlace& place : run_order(plan.pairs)) {
    const bool candidate = place.side == RunSide::candidate;
    const double shake = 1 + 0.01 * static_cast<double>(place.number % 5);
    RunRecord record;
    record.place = place;
    record.started_at = WallTime(std::chrono::seconds(1'767'322'800 + 60 * static_cast<long>(place.number)));
    record.build_version = candidate ? "1.1" : "1.0";
    record.result = played_run((candidate ? 10 : 80) * shake);
    record.database = observed_database(candidate ? 25 : 620, candidate ? 30 : 4, shake);
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace understudy::rehearse_test
