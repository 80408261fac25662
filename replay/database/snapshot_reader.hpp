// Reads the counters of a server: which there are is looked up once, then each read() takes what there is.
//
// Thread safety: one thread, that of the connection.
#pragma once

#include <string>
#include <vector>

#include "replay/database/connection.hpp"
#include "replay/database/database_snapshot.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

inline constexpr int server_version_min = 140000;

class SnapshotReader {
 public:
  // Looks which sources there are, and what the user may see. ExitCode::database_unfit for a server before PostgreSQL
  // 14, or one that does not answer. The connection and the clock outlive the reader.
  [[nodiscard]] static Result<SnapshotReader> open(DatabaseConnection& connection, const Clock& clock);

  // Statements come first, so that the rest of the reading is not in them. A source that fails is reported as missing;
  // an Error only when the server is gone.
  [[nodiscard]] Result<DatabaseSnapshot> read();
  // Of those statements, into `statements.texts`; rows of this program's own are taken out of `statements`.
  [[nodiscard]] Result<void> read_texts(const std::vector<std::int64_t>& query_ids, StatementsSnapshot& statements);

  // What log_timezone is ahead of UTC at the moment.
  [[nodiscard]] Result<Nanoseconds> log_zone_offset();

  [[nodiscard]] const DatabaseSettings& settings() const { return settings_; }
  [[nodiscard]] const SourceReports& sources() const { return sources_; }

 private:
  SnapshotReader(DatabaseConnection& connection, const Clock& clock) : connection_(&connection), clock_(&clock) {}
  [[nodiscard]] Result<void> read_settings();
  [[nodiscard]] Result<void> look_for_statements();
  [[nodiscard]] std::string statements_sql() const;
  [[nodiscard]] Result<StatementsSnapshot> read_statements();
  [[nodiscard]] Result<DatabaseCounters> read_database();
  [[nodiscard]] Result<TableMap> read_tables();
  [[nodiscard]] Result<IndexMap> read_indexes();
  [[nodiscard]] Result<IoCounters> read_io();

  DatabaseConnection* connection_;
  const Clock* clock_;
  DatabaseSettings settings_;
  SourceReports sources_ = unasked_sources();
  std::string started_at_;
  std::string statements_schema_;  // quoted; empty: no pg_stat_statements
  std::string kcache_schema_;      // quoted; empty: no pg_stat_kcache
  std::vector<std::string> statements_columns_;
};

}  // namespace understudy
