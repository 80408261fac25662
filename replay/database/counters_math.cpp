// Sums and differences of counters.
#include "replay/database/database_snapshot.hpp"

namespace understudy {
namespace {

void combine(std::optional<std::int64_t>& left, const std::optional<std::int64_t>& right, std::int64_t sign) {
  if (right) left = left.value_or(0) + sign * *right;
}

void combine(StatementCounters& left, const StatementCounters& right, std::int64_t sign) {
  left.calls += sign * right.calls;
  left.rows += sign * right.rows;
  left.execution_ms += static_cast<double>(sign) * right.execution_ms;
  left.blocks_hit += sign * right.blocks_hit;
  left.blocks_read += sign * right.blocks_read;
  left.blocks_dirtied += sign * right.blocks_dirtied;
  left.blocks_written += sign * right.blocks_written;
  left.temporary_blocks_read += sign * right.temporary_blocks_read;
  left.temporary_blocks_written += sign * right.temporary_blocks_written;
  left.block_read_ms += static_cast<double>(sign) * right.block_read_ms;
  left.wal_bytes += sign * right.wal_bytes;
  combine(left.device_read_bytes, right.device_read_bytes, sign);
  combine(left.device_write_bytes, right.device_write_bytes, sign);
}

}  // namespace

double DatabaseSettings::cache_ratio() const {
  if (shared_buffers == 0 || database_size == 0) return 0;
  return static_cast<double>(database_size) / static_cast<double>(shared_buffers);
}

StatementCounters& StatementCounters::operator+=(const StatementCounters& other) {
  combine(*this, other, 1);
  return *this;
}

StatementCounters& StatementCounters::operator-=(const StatementCounters& other) {
  combine(*this, other, -1);
  return *this;
}

bool StatementCounters::is_negative() const {
  return calls < 0 || rows < 0 || execution_ms < 0 || blocks_hit < 0 || blocks_read < 0 || blocks_dirtied < 0 ||
         blocks_written < 0 || temporary_blocks_read < 0 || temporary_blocks_written < 0 || wal_bytes < 0;
}

DatabaseCounters operator-(const DatabaseCounters& after, const DatabaseCounters& before) {
  DatabaseCounters in_between;
  in_between.commits = after.commits - before.commits;
  in_between.rollbacks = after.rollbacks - before.rollbacks;
  in_between.blocks_read = after.blocks_read - before.blocks_read;
  in_between.blocks_hit = after.blocks_hit - before.blocks_hit;
  in_between.rows_returned = after.rows_returned - before.rows_returned;
  in_between.rows_fetched = after.rows_fetched - before.rows_fetched;
  in_between.rows_inserted = after.rows_inserted - before.rows_inserted;
  in_between.rows_updated = after.rows_updated - before.rows_updated;
  in_between.rows_deleted = after.rows_deleted - before.rows_deleted;
  in_between.temporary_bytes = after.temporary_bytes - before.temporary_bytes;
  in_between.deadlocks = after.deadlocks - before.deadlocks;
  in_between.block_read_ms = after.block_read_ms - before.block_read_ms;
  return in_between;
}

TableCounters operator-(const TableCounters& after, const TableCounters& before) {
  TableCounters in_between;
  in_between.heap_blocks_read = after.heap_blocks_read - before.heap_blocks_read;
  in_between.heap_blocks_hit = after.heap_blocks_hit - before.heap_blocks_hit;
  in_between.index_blocks_read = after.index_blocks_read - before.index_blocks_read;
  in_between.index_blocks_hit = after.index_blocks_hit - before.index_blocks_hit;
  in_between.toast_blocks_read = after.toast_blocks_read - before.toast_blocks_read;
  in_between.toast_blocks_hit = after.toast_blocks_hit - before.toast_blocks_hit;
  in_between.sequential_scans = after.sequential_scans - before.sequential_scans;
  in_between.sequential_rows = after.sequential_rows - before.sequential_rows;
  in_between.index_scans = after.index_scans - before.index_scans;
  in_between.rows_inserted = after.rows_inserted - before.rows_inserted;
  in_between.rows_updated = after.rows_updated - before.rows_updated;
  in_between.rows_deleted = after.rows_deleted - before.rows_deleted;
  return in_between;
}

IndexCounters operator-(const IndexCounters& after, const IndexCounters& before) {
  return {after.blocks_read - before.blocks_read, after.blocks_hit - before.blocks_hit, after.scans - before.scans};
}

IoCounters operator-(const IoCounters& after, const IoCounters& before) {
  return {after.operations - before.operations, after.read_bytes - before.read_bytes,
          after.write_bytes - before.write_bytes, after.hits - before.hits};
}

}  // namespace understudy
