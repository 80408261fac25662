// Snapshots for tests, of a server that counts well.
#pragma once

#include <string>

#include "replay/database/database_snapshot.hpp"

namespace understudy {

inline StatementCounters called(std::int64_t calls, std::int64_t blocks_read, double ms = 0) {
  StatementCounters counters;
  counters.calls = calls;
  counters.rows = 2 * calls;
  counters.blocks_read = blocks_read;
  counters.execution_ms = ms;
  return counters;
}

inline DatabaseSnapshot empty_snapshot(int second) {
  DatabaseSnapshot snapshot;
  snapshot.taken_at = WallTime(std::chrono::seconds(1'700'000'000 + second));
  snapshot.sources = unasked_sources();
  snapshot.settings.version = 150018;
  snapshot.settings.shared_buffers = 16U << 20U;
  snapshot.settings.database_size = 64U << 20U;
  snapshot.statements.emplace();
  snapshot.database.emplace();
  snapshot.tables.emplace();
  snapshot.indexes.emplace();
  snapshot.started_at = "yesterday";
  return snapshot;
}

inline void add_statement(DatabaseSnapshot& snapshot, std::int64_t id, const std::string& text,
                          const StatementCounters& counters, std::uint32_t user = 10) {
  snapshot.statements->rows[{id, user, true}] = counters;
  snapshot.statements->texts[id] = text;
}

}  // namespace understudy
