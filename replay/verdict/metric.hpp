// What a rehearsal compares.
//
// Values; pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace understudy {

// Names are part of rehearsal.json: append only.
enum class Metric : std::uint8_t {
  device_reads,  // operations
  device_read_bytes,
  device_writes,
  device_write_bytes,
  blocks_read,     // misses of shared_buffers
  blocks_touched,  // misses and hits
  rows,
  calls,
  database_time,    // milliseconds of execution a second
  block_read_time,  // milliseconds a second
  wal_bytes,
  temp_blocks,
  latency_p50,  // milliseconds from due
  latency_p95,
  latency_p99,
  service_latency_p50,  // milliseconds from sent
  service_latency_p95,
  errors,             // lost requests and 5xx, as a share of requests
  client_errors,      // 4xx, as a share
  status_mismatches,  // as a share of what was compared
  body_mismatches,
};

enum class MetricUnit : std::uint8_t { a_second, milliseconds, share };
[[nodiscard]] std::string_view to_string(MetricUnit unit);  // "a second", "ms", "share"

struct MetricInfo {
  Metric metric;
  std::string_view key;   // "device_reads"
  std::string_view name;  // "reads from the device"
  MetricUnit unit;
  double half_unit;   // as a total of a run for a_second (half an operation), else in the unit
  double negligible;  // a smaller difference does not matter, in the unit
  std::string_view worth;
};

[[nodiscard]] const MetricInfo& metric_info(Metric metric);
[[nodiscard]] std::span<const MetricInfo> all_metrics();
[[nodiscard]] std::optional<Metric> find_metric(std::string_view key);

}  // namespace understudy
