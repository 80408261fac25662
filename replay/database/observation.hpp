// What a database did during a run: the difference of two snapshots, with what the device and the log say.
//
// Values. Each figure has a source (counter_source.hpp), and `sources` says of each what became of it. A source that is
// missing leaves empty optionals, never zeros. A run that is cut short keeps everything up to there: see `interrupted`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/database/cloudwatch.hpp"
#include "replay/database/counter_source.hpp"
#include "replay/database/database_snapshot.hpp"
#include "replay/database/device_counters.hpp"
#include "replay/database/plans.hpp"
#include "replay/database/query_log.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {

// All statements that are one query, whatever their literals: see query_fingerprint.hpp.
struct QueryClass {
  std::string key;   // fingerprint, or "queryid:..." for a text that does not parse
  std::string text;  // normalised; of the statement with most calls
  std::string kind;  // "SELECT"
  std::vector<std::int64_t> query_ids;
  StatementCounters counters;  // of the run; device_read_bytes only with pg_stat_kcache
  // Of all classes' device bytes, or of their blocks read where those are not known; Observation::share_source says
  // which. 0 to 1. Times the measured IOPS it is an estimate, and to be called one.
  double read_share = 0;
  std::optional<QueryPlan> plan;
  std::optional<LoggedTimes> logged;  // latencies, from the query log
};

// A point of the chart: what was counted between the one before and this one.
struct DeviceSample {
  Nanoseconds offset{};  // its end, from the start of the run
  Nanoseconds period{};  // more than a second where the sampler came late
  std::optional<DeviceCounters> device;
  std::optional<std::int64_t> blocks_read;   // pg_stat_database, which is up to a second late
  std::optional<std::int64_t> lock_waiters;  // sessions that wait for a lock at its end
};

// A statement seen waiting for a lock, at one look a second: shorter waits are not seen.
struct LockWait {
  std::string waiting_key;   // class of the statement that waits
  std::string blocking_key;  // of the one in front; "" where it is not known
  std::string relation;      // "public.orders"; "" for other locks
  std::string mode;          // "ShareLock"
  std::int64_t seen = 0;     // looks that saw it
  double longest_ms = 0;
};

// Sums of the run.
struct ObservationTotals {
  std::optional<StatementCounters> statements;  // of all classes
  std::optional<DatabaseCounters> database;     // reset_at is empty
  std::optional<IoCounters> io;                 // of the whole server
  std::optional<DeviceCounters> device;
  std::optional<ProcessIo> process_io;
  std::optional<DeviceCounters> cgroup_io;
};

struct Observation {
  WallTime started_at{};
  Nanoseconds duration{};
  std::string server;  // "postgres://app@db.test:5432/orders"
  DatabaseSettings settings;
  std::optional<BlockDevice> device;
  SourceReports sources;
  // What makes figures doubtful: a reset or eviction of counters in the run, a second database on the device, ... Each
  // a sentence.
  std::vector<std::string> warnings;
  // Whether the figures of the two ends may be subtracted at all: false when the counters were reset, statements were
  // evicted, or the server began anew in between. A verdict is to be refused then; warnings say why.
  bool is_complete = true;
  // Why the observation ended before finish(): the server died or refused. What was counted until then is here.
  std::optional<Error> interrupted;

  ObservationTotals totals;
  std::vector<QueryClass> classes;  // largest read_share first, then time
  CounterSource share_source = CounterSource::pg_stat_statements;
  TableMap tables;  // with anything that changed
  IndexMap indexes;
  std::vector<DeviceSample> samples;
  std::vector<LockWait> lock_waits;
  std::vector<CloudWatchPoint> cloudwatch;
  std::optional<QueryLogSummary> log;

  // The best there is for a quantity of the run, with its source: nothing where no source counts it. For `_a_second`
  // divide by seconds().
  [[nodiscard]] std::optional<SourcedFigure> read_operations() const;  // device, cgroup, CloudWatch; never blocks
  [[nodiscard]] std::optional<SourcedFigure> read_bytes() const;       // device, process, cgroup, kcache
  [[nodiscard]] std::optional<SourcedFigure> write_operations() const;
  [[nodiscard]] std::optional<SourcedFigure> write_bytes() const;
  [[nodiscard]] std::optional<SourcedFigure> blocks_read() const;  // pg_stat_statements, else pg_stat_database
  [[nodiscard]] double seconds() const;
  [[nodiscard]] const QueryClass* find_class(const std::string& key) const;
};

// The key of a statement's class: the fingerprint of its text, or "queryid:..." where the text does not parse.
[[nodiscard]] std::string class_key(std::string_view text, std::int64_t query_id);

// The difference of two snapshots of one server: totals, classes, tables, indexes, warnings, is_complete. What is not
// the snapshots' (device, samples, plans, log) is empty. `classes_max`: of further classes only the totals are kept,
// and a warning says so.
[[nodiscard]] Observation subtract(const DatabaseSnapshot& before, const DatabaseSnapshot& after,
                                   std::size_t classes_max = 1000);

// One object; times in RFC 3339, durations in seconds. docs/database.md describes it.
void write_json(JsonWriter& json, const Observation& observation);

// For a terminal: totals, the first `classes_max` classes with their plans, tables, lock waits, sources.
[[nodiscard]] std::string to_text(const Observation& observation, std::size_t classes_max);

}  // namespace understudy
