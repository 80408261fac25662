// What a PostgreSQL server's counters say at one moment. Values; the difference of two is an Observation.
//
// A counter is as the server gives it: it counts from the last reset, blocks are block_size bytes, times milliseconds.
// A source that is missing is an empty optional, and `sources` says why.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "replay/database/counter_source.hpp"
#include "traffic/base/clock.hpp"

namespace understudy {

struct DatabaseSettings {
  int version = 0;           // 150018
  std::string version_text;  // "15.18 (Debian 15.18-0+deb12u1)"
  std::string database;
  std::uint32_t database_oid = 0;
  std::uint64_t block_size = 8192;
  std::uint64_t shared_buffers = 0;  // bytes
  std::uint64_t database_size = 0;   // bytes, pg_database_size()
  bool track_io_timing = false;
  std::optional<std::int64_t> statements_max;  // pg_stat_statements.max
  bool may_read_all = false;                   // the user has the rights of pg_read_all_stats

  // Data over cache: 256 MiB of data and 16 MiB of shared_buffers are 16. A test stack whose ratio is not production's
  // may turn a verdict round. 0 when either is not known.
  [[nodiscard]] double cache_ratio() const;
};

// What pg_stat_statements (and pg_stat_kcache) hold for one statement.
struct StatementCounters {
  std::int64_t calls = 0;
  std::int64_t rows = 0;
  double execution_ms = 0;
  std::int64_t blocks_hit = 0;  // shared_blks_*
  std::int64_t blocks_read = 0;
  std::int64_t blocks_dirtied = 0;
  std::int64_t blocks_written = 0;
  std::int64_t temporary_blocks_read = 0;
  std::int64_t temporary_blocks_written = 0;
  double block_read_ms = 0;  // copies from the page cache are in it; 0 unless track_io_timing
  std::int64_t wal_bytes = 0;
  std::optional<std::int64_t> device_read_bytes;  // pg_stat_kcache
  std::optional<std::int64_t> device_write_bytes;

  StatementCounters& operator+=(const StatementCounters& other);
  StatementCounters& operator-=(const StatementCounters& other);
  // Whether any counter is below zero: after a subtraction, the sign of a reset.
  [[nodiscard]] bool is_negative() const;
  friend bool operator==(const StatementCounters&, const StatementCounters&) = default;
};

// What tells the rows of pg_stat_statements apart within a database.
struct StatementKey {
  std::int64_t query_id = 0;
  std::uint32_t user = 0;
  bool is_top_level = true;
  friend auto operator<=>(const StatementKey&, const StatementKey&) = default;
};

struct StatementsSnapshot {
  std::map<StatementKey, StatementCounters> rows;  // of this database, without this program's own
  std::map<std::int64_t, std::string> texts;       // by query_id; only where they were asked for
  std::int64_t evicted = 0;                        // pg_stat_statements_info.dealloc
  std::string reset_at;                            // stats_reset, as text
};

struct DatabaseCounters {  // pg_stat_database
  std::int64_t commits = 0, rollbacks = 0;
  std::int64_t blocks_read = 0, blocks_hit = 0;
  std::int64_t rows_returned = 0, rows_fetched = 0, rows_inserted = 0, rows_updated = 0, rows_deleted = 0;
  std::int64_t temporary_bytes = 0;
  std::int64_t deadlocks = 0;
  double block_read_ms = 0;
  std::string reset_at;

  friend bool operator==(const DatabaseCounters&, const DatabaseCounters&) = default;
};

struct TableCounters {  // pg_statio_user_tables with pg_stat_user_tables; with indexes and TOAST
  std::int64_t heap_blocks_read = 0, heap_blocks_hit = 0;
  std::int64_t index_blocks_read = 0, index_blocks_hit = 0;
  std::int64_t toast_blocks_read = 0, toast_blocks_hit = 0;
  std::int64_t sequential_scans = 0, sequential_rows = 0, index_scans = 0;
  std::int64_t rows_inserted = 0, rows_updated = 0, rows_deleted = 0;

  friend bool operator==(const TableCounters&, const TableCounters&) = default;
};

struct IndexCounters {
  std::int64_t blocks_read = 0, blocks_hit = 0, scans = 0;

  friend bool operator==(const IndexCounters&, const IndexCounters&) = default;
};

struct IoCounters {             // pg_stat_io, summed over backends and contexts
  std::int64_t operations = 0;  // reads: blocks in 16 and 17, operations from 18 on
  std::int64_t read_bytes = 0;
  std::int64_t write_bytes = 0;
  std::int64_t hits = 0;
};

// What was counted in between; reset_at stays empty. Negative where the counters were reset.
[[nodiscard]] DatabaseCounters operator-(const DatabaseCounters& after, const DatabaseCounters& before);
[[nodiscard]] TableCounters operator-(const TableCounters& after, const TableCounters& before);
[[nodiscard]] IndexCounters operator-(const IndexCounters& after, const IndexCounters& before);
[[nodiscard]] IoCounters operator-(const IoCounters& after, const IoCounters& before);

// "schema.table", and "schema.table.index".
using TableMap = std::map<std::string, TableCounters>;
using IndexMap = std::map<std::string, IndexCounters>;

struct DatabaseSnapshot {
  WallTime taken_at{};
  DatabaseSettings settings;
  SourceReports sources;
  std::optional<StatementsSnapshot> statements;
  std::optional<DatabaseCounters> database;
  std::optional<TableMap> tables;
  std::optional<IndexMap> indexes;
  std::optional<IoCounters> io;
  std::string started_at;  // pg_postmaster_start_time(), as text: another one is another run of the server
};

}  // namespace understudy
