#include "replay/database/counter_source.hpp"

#include <array>

namespace understudy {
namespace {

struct Description {
  CounterSource source;
  std::string_view key;
  std::string_view name;
  std::string_view worth;
};

constexpr std::array<Description, counter_source_count> descriptions{{
    {CounterSource::pg_stat_statements, "pg_stat_statements", "pg_stat_statements",
     "Exact calls, rows and time; blocks read are misses of shared_buffers, which the operating system's cache may "
     "answer, and readahead merges them into fewer operations."},
    {CounterSource::pg_stat_kcache, "pg_stat_kcache", "pg_stat_kcache",
     "Bytes that each statement took from the device; no operations, and without what others read ahead for it."},
    {CounterSource::pg_stat_database, "pg_stat_database", "pg_stat_database",
     "Misses of shared_buffers of the whole database, up to 1 s late, and 10 s for a session that falls idle."},
    {CounterSource::pg_statio_tables, "pg_statio_tables", "pg_statio_user_tables",
     "Misses of shared_buffers by table, late as pg_stat_database is."},
    {CounterSource::pg_statio_indexes, "pg_statio_indexes", "pg_statio_user_indexes",
     "Misses of shared_buffers by index, late as pg_stat_database is."},
    {CounterSource::pg_stat_io, "pg_stat_io", "pg_stat_io",
     "Reads of the whole server before the operating system's cache: blocks of 8 KiB in PostgreSQL 16 and 17, "
     "operations with their bytes from 18 on."},
    {CounterSource::lock_waits, "lock_waits", "pg_stat_activity and pg_locks",
     "Sessions that waited for a lock when it was looked, once a second: shorter waits are not seen."},
    {CounterSource::device, "device", "/proc/diskstats",
     "True operations and bytes of the device, with everything else that uses it."},
    {CounterSource::process_io, "process_io", "/proc/PID/io",
     "True device bytes of the server's processes, within some percent; no operations."},
    {CounterSource::cgroup_io, "cgroup_io", "io.stat",
     "True operations and bytes of the server's control group, with everything else in it."},
    {CounterSource::query_log, "query_log", "the server's log", "Each statement with its time; nothing of blocks."},
    {CounterSource::cloudwatch, "cloudwatch", "CloudWatch",
     "True operations of the instance's volume as averages over 60 s, with everything else on it."},
    {CounterSource::plans, "plans", "EXPLAIN",
     "The generic plan of today's statistics: not necessarily the one that ran."},
}};

const Description& describe(CounterSource source) { return descriptions.at(static_cast<std::size_t>(source)); }

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < descriptions.size(); ++i) {
    if (static_cast<std::size_t>(descriptions[i].source) != i) return false;
  }
  return true;
}
static_assert(is_in_order());

}  // namespace

std::string_view name_of(CounterSource source) { return describe(source).name; }
std::string_view key_of(CounterSource source) { return describe(source).key; }
std::string_view worth_of(CounterSource source) { return describe(source).worth; }

std::string_view name_of(SourceState state) {
  switch (state) {
    case SourceState::used: return "used";
    case SourceState::partial: return "partial";
    case SourceState::missing: return "missing";
    case SourceState::unasked: return "unasked";
  }
  return "";
}

SourceReports unasked_sources() {
  SourceReports reports;
  for (const Description& description : descriptions) {
    reports.push_back({description.source, SourceState::unasked, {}});
  }
  return reports;
}

void report_source(SourceReports& reports, CounterSource source, SourceState state, std::string note) {
  reports.at(static_cast<std::size_t>(source)) = {source, state, std::move(note)};
}

}  // namespace understudy
