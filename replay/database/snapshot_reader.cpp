#include "replay/database/snapshot_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "replay/database/query_fingerprint.hpp"

namespace understudy {
namespace {

constexpr std::size_t statements_max = 50'000;
constexpr std::size_t relations_max = 50'000;
constexpr std::size_t texts_bytes_max = std::size_t{256} << 20U;

constexpr const char* settings_sql =
    "SELECT current_setting('server_version_num')::int, current_setting('server_version'), current_database(), "
    "(SELECT oid FROM pg_database WHERE datname = current_database()), current_setting('block_size')::bigint, "
    "pg_size_bytes(current_setting('shared_buffers')), pg_database_size(current_database()), "
    "current_setting('track_io_timing')::bool, current_setting('pg_stat_statements.max', true), "
    "pg_postmaster_start_time()::text, pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')";

// Marks a source as used, or as missing with the error's words; false when the server is gone.
template <typename T>
[[nodiscard]] bool keep(const DatabaseConnection& connection, SourceReports& sources, CounterSource source,
                        Result<T>&& read, std::optional<T>& out) {
  if (read) {
    out = std::move(*read);
    return true;
  }
  report_source(sources, source, SourceState::missing, read.error().message);
  return connection.is_alive();
}

}  // namespace

Result<SnapshotReader> SnapshotReader::open(DatabaseConnection& connection, const Clock& clock) {
  if (connection.server_version() < server_version_min) {
    const int version = connection.server_version();
    return fail(ExitCode::database_unfit, fmt::format("{} is version {}.{}; PostgreSQL 14 or later can be observed",
                                                      connection.display(), version / 10000, version % 10000));
  }
  SnapshotReader reader(connection, clock);
  if (auto read = reader.read_settings(); !read) return tl::unexpected(read.error());
  if (auto looked = reader.look_for_statements(); !looked) return tl::unexpected(looked.error());
  for (const CounterSource source :
       {CounterSource::pg_stat_database, CounterSource::pg_statio_tables, CounterSource::pg_statio_indexes}) {
    report_source(reader.sources_, source, SourceState::used);
  }
  if (reader.settings_.version >= 160000) {
    report_source(reader.sources_, CounterSource::pg_stat_io, SourceState::used);
  } else {
    report_source(reader.sources_, CounterSource::pg_stat_io, SourceState::missing, "It exists from PostgreSQL 16 on.");
  }
  return reader;
}

Result<void> SnapshotReader::read_settings() {
  auto rows = connection_->query(settings_sql);
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() != 1)
    return fail(ExitCode::database_unfit, "the server does not say its settings; is it PostgreSQL?");
  settings_.version = static_cast<int>(rows->integer(0, 0));
  settings_.version_text = rows->text(0, 1);
  settings_.database = rows->text(0, 2);
  settings_.database_oid = static_cast<std::uint32_t>(rows->integer(0, 3));
  settings_.block_size = static_cast<std::uint64_t>(rows->integer(0, 4));
  settings_.shared_buffers = static_cast<std::uint64_t>(rows->integer(0, 5));
  settings_.database_size = static_cast<std::uint64_t>(rows->integer(0, 6));
  settings_.track_io_timing = rows->flag(0, 7);
  settings_.statements_max.reset();
  if (!rows->is_null(0, 8)) settings_.statements_max = rows->integer(0, 8);
  started_at_ = rows->text(0, 9);
  settings_.may_read_all = rows->flag(0, 10);
  return {};
}

Result<Nanoseconds> SnapshotReader::log_zone_offset() {
  auto rows = connection_->query(
      "SELECT extract(epoch FROM (now() AT TIME ZONE current_setting('log_timezone')) - (now() AT TIME ZONE 'UTC'))");
  if (!rows) return tl::unexpected(rows.error());
  return std::chrono::seconds(rows->integer(0, 0));
}

Result<void> SnapshotReader::look_for_statements() {
  auto extensions = connection_->query(
      "SELECT e.extname, n.nspname, e.extversion FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
      "WHERE e.extname IN ('pg_stat_statements', 'pg_stat_kcache')");
  if (!extensions) return tl::unexpected(extensions.error());
  for (std::size_t row = 0; row < extensions->size(); ++row) {
    std::string& schema = extensions->text(row, 0) == "pg_stat_kcache" ? kcache_schema_ : statements_schema_;
    schema = quote_identifier(extensions->text(row, 1));
  }
  report_source(sources_, CounterSource::pg_stat_kcache, SourceState::missing,
                "The extension pg_stat_kcache is not in this database; it gives device bytes for each statement.");
  if (statements_schema_.empty()) {
    kcache_schema_.clear();
    report_source(
        sources_, CounterSource::pg_stat_statements, SourceState::missing,
        "The extension is not in this database: put pg_stat_statements into shared_preload_libraries, restart "
        "the server, and run CREATE EXTENSION pg_stat_statements here.");
    return {};
  }
  auto columns = connection_->query("SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0",
                                    {statements_schema_ + ".pg_stat_statements"});
  if (!columns) return tl::unexpected(columns.error());
  for (std::size_t row = 0; row < columns->size(); ++row) statements_columns_.emplace_back(columns->text(row, 0));
  if (!kcache_schema_.empty()) report_source(sources_, CounterSource::pg_stat_kcache, SourceState::used);
  // It may be there and yet not be loaded into the server: then reading it fails.
  auto read = read_statements();
  if (!read && !kcache_schema_.empty() && connection_->is_alive()) {
    kcache_schema_.clear();
    read = read_statements();
    if (read) {
      report_source(sources_, CounterSource::pg_stat_kcache, SourceState::missing,
                    "The extension is in this database but cannot be read; is it in shared_preload_libraries?");
    }
  }
  if (!read) {
    if (!connection_->is_alive()) return tl::unexpected(read.error());
    report_source(sources_, CounterSource::pg_stat_statements, SourceState::missing, read.error().message);
    statements_schema_.clear();
  } else if (!settings_.may_read_all) {
    report_source(sources_, CounterSource::pg_stat_statements, SourceState::partial,
                  fmt::format("Only the statements of {} itself can be told apart: GRANT pg_read_all_stats TO {}.",
                              connection_->user(), quote_identifier(connection_->user())));
  } else {
    report_source(sources_, CounterSource::pg_stat_statements, SourceState::used);
  }
  return {};
}

std::string SnapshotReader::statements_sql() const {
  const auto has = [&](std::string_view name) { return std::ranges::count(statements_columns_, name) > 0; };
  const std::string top_level = has("toplevel") ? "s.toplevel" : "true";
  const std::string read_time = has("shared_blk_read_time") ? "s.shared_blk_read_time" : "s.blk_read_time";
  const std::string wal = has("wal_bytes") ? "s.wal_bytes" : "0";
  std::string device = "NULL, NULL";
  std::string join;
  if (!kcache_schema_.empty()) {
    device = "coalesce(k.exec_reads, 0), coalesce(k.exec_writes, 0)";
    join = fmt::format(
        " LEFT JOIN {}.pg_stat_kcache() k ON k.queryid = s.queryid AND k.userid = s.userid "
        "AND k.dbid = s.dbid AND k.top = {}",
        kcache_schema_, top_level);
  }
  return fmt::format(
      "SELECT s.queryid, s.userid, {}, s.calls, s.rows, s.total_exec_time, s.shared_blks_hit, s.shared_blks_read, "
      "s.shared_blks_dirtied, s.shared_blks_written, s.temp_blks_read, s.temp_blks_written, {}, {}, {} "
      "FROM {}.pg_stat_statements(false) s{} WHERE s.dbid = $1::oid AND s.queryid IS NOT NULL",
      top_level, read_time, wal, device, statements_schema_, join);
}

Result<StatementsSnapshot> SnapshotReader::read_statements() {
  QueryLimits limits;
  limits.rows_max = statements_max;
  auto rows = connection_->query(statements_sql(), {std::to_string(settings_.database_oid)}, limits);
  if (!rows) return tl::unexpected(rows.error());
  StatementsSnapshot snapshot;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    StatementCounters counters;
    counters.calls = rows->integer(row, 3);
    counters.rows = rows->integer(row, 4);
    counters.execution_ms = rows->number(row, 5);
    counters.blocks_hit = rows->integer(row, 6);
    counters.blocks_read = rows->integer(row, 7);
    counters.blocks_dirtied = rows->integer(row, 8);
    counters.blocks_written = rows->integer(row, 9);
    counters.temporary_blocks_read = rows->integer(row, 10);
    counters.temporary_blocks_written = rows->integer(row, 11);
    counters.block_read_ms = rows->number(row, 12);
    counters.wal_bytes = rows->integer(row, 13);
    if (!rows->is_null(row, 14)) counters.device_read_bytes = rows->integer(row, 14);
    if (!rows->is_null(row, 15)) counters.device_write_bytes = rows->integer(row, 15);
    const StatementKey key{rows->integer(row, 0), static_cast<std::uint32_t>(rows->integer(row, 1)),
                           rows->flag(row, 2)};
    snapshot.rows[key] += counters;
  }
  if (std::ranges::count(statements_columns_, "toplevel") > 0) {  // both came with version 1.9 of the extension
    auto info =
        connection_->query("SELECT dealloc, stats_reset::text FROM " + statements_schema_ + ".pg_stat_statements_info");
    if (!info) return tl::unexpected(info.error());
    if (info->size() == 1) {
      snapshot.evicted = info->integer(0, 0);
      snapshot.reset_at = info->text(0, 1);
    }
  }
  return snapshot;
}

Result<void> SnapshotReader::read_texts(const std::vector<std::int64_t>& query_ids, StatementsSnapshot& statements) {
  if (query_ids.empty() || statements_schema_.empty()) return {};
  QueryLimits limits;
  limits.rows_max = statements_max;
  limits.bytes_max = texts_bytes_max;
  // One more than what is parsed, so that a cut text is known to be one.
  auto rows = connection_->query(
      fmt::format("SELECT s.queryid, left(s.query, {}) FROM {}.pg_stat_statements(true) s "
                  "WHERE s.dbid = $1::oid AND s.queryid = ANY ($2::bigint[])",
                  query_text_size_max + 1, statements_schema_),
      {std::to_string(settings_.database_oid), fmt::format("{{{}}}", fmt::join(query_ids, ","))}, limits);
  if (!rows) return tl::unexpected(rows.error());
  for (std::size_t row = 0; row < rows->size(); ++row) {
    statements.texts.try_emplace(rows->integer(row, 0), rows->text(row, 1));
  }
  std::erase_if(statements.rows, [&](const auto& entry) {
    const auto text = statements.texts.find(entry.first.query_id);
    return text != statements.texts.end() && is_own_query(text->second);
  });
  std::erase_if(statements.texts, [](const auto& entry) { return is_own_query(entry.second); });
  return {};
}

Result<DatabaseSnapshot> SnapshotReader::read() {
  DatabaseSnapshot snapshot;
  const auto gone = [&] {
    return fail(ExitCode::database_unfit,
                fmt::format("{}: the server went away while it was read", connection_->display()));
  };
  if (!statements_schema_.empty() &&
      !keep(*connection_, sources_, CounterSource::pg_stat_statements, read_statements(), snapshot.statements)) {
    return gone();
  }
  snapshot.taken_at = clock_->wall_now();
  if (!keep(*connection_, sources_, CounterSource::pg_stat_database, read_database(), snapshot.database) ||
      !keep(*connection_, sources_, CounterSource::pg_statio_tables, read_tables(), snapshot.tables) ||
      !keep(*connection_, sources_, CounterSource::pg_statio_indexes, read_indexes(), snapshot.indexes)) {
    return gone();
  }
  if (settings_.version >= 160000 && !keep(*connection_, sources_, CounterSource::pg_stat_io, read_io(), snapshot.io)) {
    return gone();
  }
  if (auto settings = read_settings(); !settings) return tl::unexpected(settings.error());
  snapshot.settings = settings_;
  snapshot.sources = sources_;
  snapshot.started_at = started_at_;
  return snapshot;
}

Result<DatabaseCounters> SnapshotReader::read_database() {
  auto rows = connection_->query(
      "SELECT xact_commit, xact_rollback, blks_read, blks_hit, tup_returned, tup_fetched, tup_inserted, tup_updated, "
      "tup_deleted, temp_bytes, deadlocks, blk_read_time, stats_reset::text FROM pg_stat_database "
      "WHERE datname = current_database()");
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() != 1) return fail(ExitCode::database_unfit, "pg_stat_database does not have this database.");
  DatabaseCounters counters;
  std::size_t column = 0;
  for (std::int64_t* field :
       {&counters.commits, &counters.rollbacks, &counters.blocks_read, &counters.blocks_hit, &counters.rows_returned,
        &counters.rows_fetched, &counters.rows_inserted, &counters.rows_updated, &counters.rows_deleted,
        &counters.temporary_bytes, &counters.deadlocks}) {
    *field = rows->integer(0, column++);
  }
  counters.block_read_ms = rows->number(0, column++);
  counters.reset_at = rows->text(0, column);
  return counters;
}

Result<TableMap> SnapshotReader::read_tables() {
  QueryLimits limits;
  limits.rows_max = relations_max;
  auto rows = connection_->query(
      "SELECT quote_ident(io.schemaname) || '.' || quote_ident(io.relname), io.heap_blks_read, io.heap_blks_hit, "
      "io.idx_blks_read, io.idx_blks_hit, coalesce(io.toast_blks_read, 0) + coalesce(io.tidx_blks_read, 0), "
      "coalesce(io.toast_blks_hit, 0) + coalesce(io.tidx_blks_hit, 0), t.seq_scan, t.seq_tup_read, t.idx_scan, "
      "t.n_tup_ins, t.n_tup_upd, t.n_tup_del "
      "FROM pg_statio_user_tables io JOIN pg_stat_user_tables t ON t.relid = io.relid",
      {}, limits);
  if (!rows) return tl::unexpected(rows.error());
  TableMap tables;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    TableCounters counters;
    std::size_t column = 1;
    for (std::int64_t* field : {&counters.heap_blocks_read, &counters.heap_blocks_hit, &counters.index_blocks_read,
                                &counters.index_blocks_hit, &counters.toast_blocks_read, &counters.toast_blocks_hit,
                                &counters.sequential_scans, &counters.sequential_rows, &counters.index_scans,
                                &counters.rows_inserted, &counters.rows_updated, &counters.rows_deleted}) {
      *field = rows->integer(row, column++);
    }
    tables.emplace(rows->text(row, 0), counters);
  }
  return tables;
}

Result<IndexMap> SnapshotReader::read_indexes() {
  QueryLimits limits;
  limits.rows_max = relations_max;
  auto rows = connection_->query(
      "SELECT quote_ident(io.schemaname) || '.' || quote_ident(io.relname) || '.' || quote_ident(io.indexrelname), "
      "io.idx_blks_read, io.idx_blks_hit, i.idx_scan "
      "FROM pg_statio_user_indexes io JOIN pg_stat_user_indexes i ON i.indexrelid = io.indexrelid",
      {}, limits);
  if (!rows) return tl::unexpected(rows.error());
  IndexMap indexes;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    indexes.emplace(rows->text(row, 0),
                    IndexCounters{rows->integer(row, 1), rows->integer(row, 2), rows->integer(row, 3)});
  }
  return indexes;
}

// Before 18 reads are blocks; op_bytes is their size.
Result<IoCounters> SnapshotReader::read_io() {
  const bool has_bytes = settings_.version >= 180000;
  auto rows = connection_->query(
      fmt::format("SELECT sum(reads), sum({}), sum({}), sum(hits) FROM pg_stat_io WHERE object = 'relation'",
                  has_bytes ? "read_bytes" : "reads * op_bytes", has_bytes ? "write_bytes" : "writes * op_bytes"));
  if (!rows) return tl::unexpected(rows.error());
  return IoCounters{rows->integer(0, 0), rows->integer(0, 1), rows->integer(0, 2), rows->integer(0, 3)};
}

}  // namespace understudy
