#include "replay/rehearse/observed.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

// Where a source that does not name an amount leaves the metric out.
void put(std::map<Metric, double>& values, Metric metric, const std::optional<SourcedFigure>& figure, double seconds) {
  if (figure && seconds > 0) values[metric] = figure->value / seconds;
}

[[nodiscard]] std::map<Metric, double> statement_values(const StatementCounters& counters, double seconds,
                                                        bool with_io_timing) {
  std::map<Metric, double> values;
  if (seconds <= 0) return values;
  const auto rate = [&](auto count) { return static_cast<double>(count) / seconds; };
  values[Metric::calls] = rate(counters.calls);
  values[Metric::rows] = rate(counters.rows);
  values[Metric::database_time] = rate(counters.execution_ms);
  values[Metric::blocks_read] = rate(counters.blocks_read);
  values[Metric::blocks_touched] = rate(counters.blocks_read + counters.blocks_hit);
  values[Metric::temp_blocks] = rate(counters.temporary_blocks_read + counters.temporary_blocks_written);
  values[Metric::wal_bytes] = rate(counters.wal_bytes);
  if (with_io_timing) values[Metric::block_read_time] = rate(counters.block_read_ms);
  if (counters.device_read_bytes) values[Metric::device_read_bytes] = rate(*counters.device_read_bytes);
  return values;
}

// Without comments at its begin and end: a trace in them is that of one request.
[[nodiscard]] std::string without_comments(std::string_view text) {
  const auto trim = [&text] {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == ';')) text.remove_suffix(1);
  };
  trim();
  while (text.starts_with("/*") && text.find("*/") != std::string_view::npos) {
    text.remove_prefix(text.find("*/") + 2);
    trim();
  }
  while (text.ends_with("*/") && text.rfind("/*") != std::string_view::npos) {
    text.remove_suffix(text.size() - text.rfind("/*"));
    trim();
  }
  return std::string(text);
}

[[nodiscard]] std::vector<RecordedClass> recorded_classes(const Observation& observation) {
  std::vector<RecordedClass> classes;
  for (const QueryClass& query_class : observation.classes) {
    if (classes.size() == recorded_classes_max) break;
    RecordedClass recorded;
    recorded.id = query_class.key;
    recorded.query = without_comments(query_class.text);
    recorded.values =
        statement_values(query_class.counters, observation.seconds(), observation.settings.track_io_timing);
    if (query_class.plan) recorded.plan = RecordedPlan{query_class.plan->text, query_class.plan->error};
    classes.push_back(std::move(recorded));
  }
  return classes;
}

[[nodiscard]] std::vector<RecordedSample> recorded_samples(const Observation& observation) {
  std::vector<RecordedSample> samples;
  for (const DeviceSample& sample : observation.samples) {
    RecordedSample recorded;
    recorded.second = std::chrono::duration<double>(sample.offset).count();
    recorded.seconds = std::chrono::duration<double>(sample.period).count();
    if (recorded.seconds <= 0) continue;
    const auto rate = [&](auto count) { return static_cast<double>(count) / recorded.seconds; };
    if (sample.device) {
      recorded.values[Metric::device_reads] = rate(sample.device->reads);
      recorded.values[Metric::device_read_bytes] = rate(sample.device->read_bytes);
      recorded.values[Metric::device_writes] = rate(sample.device->writes);
      recorded.values[Metric::device_write_bytes] = rate(sample.device->write_bytes);
    }
    if (sample.blocks_read) recorded.values[Metric::blocks_read] = rate(*sample.blocks_read);
    samples.push_back(std::move(recorded));
  }
  return samples;
}

[[nodiscard]] std::vector<std::string> recorded_locks(const Observation& observation) {
  std::vector<std::string> locks;
  for (const LockWait& wait : observation.lock_waits) {
    const QueryClass* waiting = observation.find_class(wait.waiting_key);
    locks.push_back(fmt::format("{} on {}: seen {}, longest {} ms, waiting: {}", wait.mode,
                                wait.relation.empty() ? "no relation" : wait.relation,
                                wait.seen == 1 ? std::string("once") : fmt::format("{} times", wait.seen),
                                static_cast<std::int64_t>(wait.longest_ms),
                                waiting == nullptr ? wait.waiting_key : waiting->text));
  }
  return locks;
}

}  // namespace

RecordedDatabase recorded_database(const Observation& observation) {
  RecordedDatabase database;
  const double seconds = observation.seconds();
  database.version = "PostgreSQL " + observation.settings.version_text;
  database.settings["shared_buffers"] = bytes_text(observation.settings.shared_buffers);
  database.settings["track_io_timing"] = observation.settings.track_io_timing ? "on" : "off";
  database.data_bytes = observation.settings.database_size;
  database.cache_bytes = observation.settings.shared_buffers;
  if (observation.device) database.device = observation.device->name;
  database.seconds = seconds;
  if (observation.totals.statements) {
    database.values = statement_values(*observation.totals.statements, seconds, observation.settings.track_io_timing);
    database.values.erase(Metric::device_read_bytes);  // the device's own counter is better, where there is one
  }
  put(database.values, Metric::device_reads, observation.read_operations(), seconds);
  put(database.values, Metric::device_read_bytes, observation.read_bytes(), seconds);
  put(database.values, Metric::device_writes, observation.write_operations(), seconds);
  put(database.values, Metric::device_write_bytes, observation.write_bytes(), seconds);
  put(database.values, Metric::blocks_read, observation.blocks_read(), seconds);
  database.classes = recorded_classes(observation);
  database.samples = recorded_samples(observation);
  for (const SourceReport& source : observation.sources) {
    const bool available = source.state == SourceState::used || source.state == SourceState::partial;
    database.counters.push_back({std::string(name_of(source.source)), available, std::string(worth_of(source.source)),
                                 available ? std::string() : source.note});
  }
  database.locks = recorded_locks(observation);
  for (const CloudWatchPoint& point : observation.cloudwatch) {
    if (point.burst_balance) database.burst_balance = *point.burst_balance / 100;
  }
  database.warnings = observation.warnings;
  return database;
}

std::optional<std::string> observation_problem(const Observation& observation) {
  if (observation.interrupted) return "the database was lost during the run: " + observation.interrupted->message;
  if (!observation.is_complete) {
    return "the database's counters do not cover the run" +
           (observation.warnings.empty() ? std::string() : ": " + observation.warnings.front());
  }
  return std::nullopt;
}

}  // namespace understudy
