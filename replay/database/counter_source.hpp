// Where a figure about a database comes from, and what it is worth. The words here are shown beside the figures.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace understudy {

enum class CounterSource : std::uint8_t {
  pg_stat_statements,  // calls, rows, time, buffer misses of each statement
  pg_stat_kcache,      // bytes that each statement took from the device (extension)
  pg_stat_database,
  pg_statio_tables,  // pg_statio_user_tables, pg_stat_user_tables
  pg_statio_indexes,
  pg_stat_io,  // the whole server, from PostgreSQL 16 on
  lock_waits,  // pg_stat_activity and pg_locks, once a second
  device,      // /proc/diskstats of the device that holds the data folder
  process_io,  // /proc/PID/io of the server and its children
  cgroup_io,   // io.stat of the server's control group
  query_log,   // csvlog or jsonlog of the server
  cloudwatch,  // ReadIOPS, WriteIOPS, BurstBalance of an RDS instance
  plans,       // EXPLAIN of the top classes
};
inline constexpr std::size_t counter_source_count = 13;

// "pg_stat_statements", "/proc/diskstats"; what reports and documents call it.
[[nodiscard]] std::string_view name_of(CounterSource source);
// "device", "pg_stat_statements": a key of JSON documents.
[[nodiscard]] std::string_view key_of(CounterSource source);
// What the source counts and what it does not, in one sentence. docs/database.md says more.
[[nodiscard]] std::string_view worth_of(CounterSource source);

enum class SourceState : std::uint8_t {
  used,
  partial,  // there, but with a part missing; the note says which
  missing,  // not there, or not allowed; the note says why and what to do
  unasked,  // an option leaves it out
};
[[nodiscard]] std::string_view name_of(SourceState state);

// What became of one source in one observation.
struct SourceReport {
  CounterSource source = CounterSource::pg_stat_statements;
  SourceState state = SourceState::missing;
  std::string note;  // empty, or a sentence
};

// In the order of the enumeration, each once.
using SourceReports = std::vector<SourceReport>;
// All of them, unasked.
[[nodiscard]] SourceReports unasked_sources();
// REQUIRES: `reports` has every source.
void report_source(SourceReports& reports, CounterSource source, SourceState state, std::string note = {});

// A figure and where it comes from.
struct SourcedFigure {
  double value = 0;
  CounterSource source = CounterSource::pg_stat_statements;
};

}  // namespace understudy
