#include <chrono>
#include <string>

#include "replay/database/observation.hpp"
#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

std::string time_text(WallTime time) {
  std::string text;
  append_rfc3339(text, time);
  return text;
}

double seconds_of(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }

template <typename T>
void write_optional(JsonWriter& json, std::string_view name, const std::optional<T>& value) {
  json.key(name);
  value ? json.value(*value) : json.null();
}

void write_figure(JsonWriter& json, std::string_view name, const std::optional<SourcedFigure>& figure, double seconds) {
  json.key(name);
  if (!figure) {
    json.null();
    return;
  }
  json.begin_object().member("total", figure->value);
  json.member("a_second", seconds > 0 ? figure->value / seconds : 0.0);
  json.member("source", key_of(figure->source)).end_object();
}

void write_statement_members(JsonWriter& json, const StatementCounters& counters) {
  json.member("calls", counters.calls).member("rows", counters.rows).member("execution_ms", counters.execution_ms);
  json.member("blocks_hit", counters.blocks_hit).member("blocks_read", counters.blocks_read);
  json.member("blocks_dirtied", counters.blocks_dirtied).member("blocks_written", counters.blocks_written);
  json.member("temporary_blocks_read", counters.temporary_blocks_read);
  json.member("temporary_blocks_written", counters.temporary_blocks_written);
  json.member("block_read_ms", counters.block_read_ms).member("wal_bytes", counters.wal_bytes);
  write_optional(json, "device_read_bytes", counters.device_read_bytes);
  write_optional(json, "device_write_bytes", counters.device_write_bytes);
}

void write_device(JsonWriter& json, std::string_view name, const std::optional<DeviceCounters>& counters) {
  json.key(name);
  if (!counters) {
    json.null();
    return;
  }
  json.begin_object().member("reads", counters->reads).member("reads_merged", counters->reads_merged);
  json.member("read_bytes", counters->read_bytes).member("writes", counters->writes);
  json.member("write_bytes", counters->write_bytes).member("busy_ms", counters->busy_ms).end_object();
}

void write_server(JsonWriter& json, const Observation& observation) {
  const DatabaseSettings& settings = observation.settings;
  json.key("server").begin_object();
  json.member("where", std::string_view(observation.server));
  json.member("version", std::string_view(settings.version_text)).member("version_number", settings.version);
  json.member("database", std::string_view(settings.database)).member("database_bytes", settings.database_size);
  json.member("shared_buffers_bytes", settings.shared_buffers).member("block_bytes", settings.block_size);
  json.member("data_to_cache", settings.cache_ratio()).member("track_io_timing", settings.track_io_timing);
  json.key("device");
  observation.device ? json.value(std::string_view(observation.device->name)) : json.null();
  json.end_object();
}

void write_sources(JsonWriter& json, const Observation& observation) {
  json.key("sources").begin_array();
  for (const SourceReport& report : observation.sources) {
    json.begin_object().member("source", key_of(report.source)).member("name", name_of(report.source));
    json.member("state", name_of(report.state)).member("note", std::string_view(report.note));
    json.member("worth", worth_of(report.source)).end_object();
  }
  json.end_array();
}

void write_totals(JsonWriter& json, const ObservationTotals& totals) {
  json.key("totals").begin_object().key("statements");
  if (totals.statements) {
    json.begin_object();
    write_statement_members(json, *totals.statements);
    json.end_object();
  } else {
    json.null();
  }
  json.key("database");
  if (totals.database) {
    const DatabaseCounters& database = *totals.database;
    json.begin_object().member("commits", database.commits).member("rollbacks", database.rollbacks);
    json.member("blocks_read", database.blocks_read).member("blocks_hit", database.blocks_hit);
    json.member("rows_returned", database.rows_returned).member("rows_fetched", database.rows_fetched);
    json.member("rows_inserted", database.rows_inserted).member("rows_updated", database.rows_updated);
    json.member("rows_deleted", database.rows_deleted).member("temporary_bytes", database.temporary_bytes);
    json.member("deadlocks", database.deadlocks).member("block_read_ms", database.block_read_ms).end_object();
  } else {
    json.null();
  }
  json.key("io");
  if (totals.io) {
    json.begin_object().member("reads", totals.io->operations).member("read_bytes", totals.io->read_bytes);
    json.member("write_bytes", totals.io->write_bytes).member("hits", totals.io->hits).end_object();
  } else {
    json.null();
  }
  write_device(json, "device", totals.device);
  json.key("process_io");
  if (totals.process_io) {
    json.begin_object().member("read_bytes", totals.process_io->read_bytes);
    json.member("write_bytes", totals.process_io->write_bytes).end_object();
  } else {
    json.null();
  }
  write_device(json, "cgroup_io", totals.cgroup_io);
  json.end_object();
}

void write_class(JsonWriter& json, const QueryClass& item) {
  json.begin_object().member("key", std::string_view(item.key)).member("kind", std::string_view(item.kind));
  json.member("text", std::string_view(item.text)).key("query_ids").begin_array();
  // As text: 64 bits are more than a JavaScript number holds.
  for (const std::int64_t id : item.query_ids) json.value(std::string_view(std::to_string(id)));
  json.end_array();
  write_statement_members(json, item.counters);
  json.member("read_share", item.read_share).key("plan");
  if (item.plan) {
    json.begin_object().member("text", std::string_view(item.plan->text));
    json.member("root_node", std::string_view(item.plan->root_node)).member("total_cost", item.plan->total_cost);
    json.member("has_sequential_scan", item.plan->has_sequential_scan);
    json.member("error", std::string_view(item.plan->error)).end_object();
  } else {
    json.null();
  }
  json.key("logged");
  if (item.logged) {
    const LoggedTimes& logged = *item.logged;
    json.begin_object().member("count", logged.count).member("mean_ms", logged.mean).member("p50_ms", logged.p50);
    json.member("p95_ms", logged.p95).member("p99_ms", logged.p99).member("max_ms", logged.max).end_object();
  } else {
    json.null();
  }
  json.end_object();
}

void write_relations(JsonWriter& json, const Observation& observation) {
  json.key("tables").begin_array();
  for (const auto& [name, table] : observation.tables) {
    json.begin_object().member("name", std::string_view(name));
    json.member("heap_blocks_read", table.heap_blocks_read).member("heap_blocks_hit", table.heap_blocks_hit);
    json.member("index_blocks_read", table.index_blocks_read).member("index_blocks_hit", table.index_blocks_hit);
    json.member("toast_blocks_read", table.toast_blocks_read).member("toast_blocks_hit", table.toast_blocks_hit);
    json.member("sequential_scans", table.sequential_scans).member("sequential_rows", table.sequential_rows);
    json.member("index_scans", table.index_scans).member("rows_inserted", table.rows_inserted);
    json.member("rows_updated", table.rows_updated).member("rows_deleted", table.rows_deleted).end_object();
  }
  json.end_array().key("indexes").begin_array();
  for (const auto& [name, index] : observation.indexes) {
    json.begin_object().member("name", std::string_view(name)).member("blocks_read", index.blocks_read);
    json.member("blocks_hit", index.blocks_hit).member("scans", index.scans).end_object();
  }
  json.end_array();
}

void write_series(JsonWriter& json, const Observation& observation) {
  json.key("samples").begin_array();
  for (const DeviceSample& sample : observation.samples) {
    json.begin_object().member("offset", seconds_of(sample.offset)).member("period", seconds_of(sample.period));
    write_device(json, "device", sample.device);
    write_optional(json, "blocks_read", sample.blocks_read);
    write_optional(json, "lock_waiters", sample.lock_waiters);
    json.end_object();
  }
  json.end_array().key("lock_waits").begin_array();
  for (const LockWait& wait : observation.lock_waits) {
    json.begin_object().member("waiting", std::string_view(wait.waiting_key));
    json.member("blocking", std::string_view(wait.blocking_key)).member("relation", std::string_view(wait.relation));
    json.member("mode", std::string_view(wait.mode)).member("seen", wait.seen);
    json.member("longest_ms", wait.longest_ms).end_object();
  }
  json.end_array().key("cloudwatch").begin_array();
  for (const CloudWatchPoint& point : observation.cloudwatch) {
    json.begin_object().member("time", std::string_view(time_text(point.time)));
    write_optional(json, "read_iops", point.read_iops);
    write_optional(json, "write_iops", point.write_iops);
    write_optional(json, "read_bytes_a_second", point.read_bytes);
    write_optional(json, "write_bytes_a_second", point.write_bytes);
    write_optional(json, "burst_balance_percent", point.burst_balance);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void write_json(JsonWriter& json, const Observation& observation) {
  const double seconds = observation.seconds();
  json.begin_object().member("started_at", std::string_view(time_text(observation.started_at)));
  json.member("seconds", seconds);
  write_server(json, observation);
  json.member("is_complete", observation.is_complete).key("interrupted");
  observation.interrupted ? json.value(std::string_view(observation.interrupted->message)) : json.null();
  json.key("warnings").begin_array();
  for (const std::string& warning : observation.warnings) json.value(std::string_view(warning));
  json.end_array();
  write_sources(json, observation);
  json.key("figures").begin_object();
  write_figure(json, "read_operations", observation.read_operations(), seconds);
  write_figure(json, "read_bytes", observation.read_bytes(), seconds);
  write_figure(json, "write_operations", observation.write_operations(), seconds);
  write_figure(json, "write_bytes", observation.write_bytes(), seconds);
  write_figure(json, "blocks_read", observation.blocks_read(), seconds);
  json.end_object();
  write_totals(json, observation.totals);
  json.member("share_source", key_of(observation.share_source)).key("classes").begin_array();
  for (const QueryClass& item : observation.classes) write_class(json, item);
  json.end_array();
  write_relations(json, observation);
  write_series(json, observation);
  json.key("log");
  if (observation.log) {
    json.begin_object().member("statements", observation.log->statements).member("skipped", observation.log->skipped);
    json.end_object();
  } else {
    json.null();
  }
  json.end_object();
}

}  // namespace understudy
