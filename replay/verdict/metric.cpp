#include "replay/verdict/metric.hpp"

#include <algorithm>
#include <array>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

constexpr double block = 8192;
constexpr std::string_view kernel_count = "what the kernel counted for the device, after merging";
constexpr std::string_view buffer_misses =
    "misses of shared_buffers, not of the disk: readahead and the page cache lie between";
constexpr std::string_view statement_count = "pg_stat_statements";
constexpr std::string_view from_due = "from when a request was due: what a user would have waited";
constexpr std::string_view from_sent = "from when a request was sent: what the service took";

// In the order of the enumeration.
constexpr std::array infos = {
    MetricInfo{Metric::device_reads, "device_reads", "reads from the device", MetricUnit::a_second, 0.5, 1,
               kernel_count},
    MetricInfo{Metric::device_read_bytes, "device_read_bytes", "bytes read from the device", MetricUnit::a_second,
               block / 2, 8 * block, kernel_count},
    MetricInfo{Metric::device_writes, "device_writes", "writes to the device", MetricUnit::a_second, 0.5, 1,
               kernel_count},
    MetricInfo{Metric::device_write_bytes, "device_write_bytes", "bytes written to the device", MetricUnit::a_second,
               block / 2, 8 * block, kernel_count},
    MetricInfo{Metric::blocks_read, "blocks_read", "blocks read", MetricUnit::a_second, 0.5, 1, buffer_misses},
    MetricInfo{Metric::blocks_touched, "blocks_touched", "blocks touched", MetricUnit::a_second, 0.5, 10,
               "hits and misses of shared_buffers: work, whether or not it reached the disk"},
    MetricInfo{Metric::rows, "rows", "rows", MetricUnit::a_second, 0.5, 1, statement_count},
    MetricInfo{Metric::calls, "calls", "calls", MetricUnit::a_second, 0.5, 1, statement_count},
    MetricInfo{Metric::database_time, "database_time", "database time", MetricUnit::a_second, 0.05, 1,
               "milliseconds of execution; waiting is in it"},
    MetricInfo{Metric::block_read_time, "block_read_time", "time of block reads", MetricUnit::a_second, 0.05, 1,
               "milliseconds; copies from the page cache are in it"},
    MetricInfo{Metric::wal_bytes, "wal_bytes", "bytes of write-ahead log", MetricUnit::a_second, block / 2, block,
               statement_count},
    MetricInfo{Metric::temp_blocks, "temp_blocks", "temporary blocks", MetricUnit::a_second, 0.5, 1,
               "sorts and hashes that did not fit into work_mem"},
    MetricInfo{Metric::latency_p50, "latency_p50", "latency p50", MetricUnit::milliseconds, 0, 1, from_due},
    MetricInfo{Metric::latency_p95, "latency_p95", "latency p95", MetricUnit::milliseconds, 0, 1, from_due},
    MetricInfo{Metric::latency_p99, "latency_p99", "latency p99", MetricUnit::milliseconds, 0, 1, from_due},
    MetricInfo{Metric::service_latency_p50, "service_latency_p50", "service latency p50", MetricUnit::milliseconds, 0,
               1, from_sent},
    MetricInfo{Metric::service_latency_p95, "service_latency_p95", "service latency p95", MetricUnit::milliseconds, 0,
               1, from_sent},
    MetricInfo{Metric::errors, "errors", "errors", MetricUnit::share, 0.5, 0.001, "lost requests and responses of 5xx"},
    MetricInfo{Metric::client_errors, "client_errors", "responses of 4xx", MetricUnit::share, 0.5, 0.001,
               "as a share of all requests"},
    MetricInfo{Metric::status_mismatches, "status_mismatches", "statuses unlike the recorded ones", MetricUnit::share,
               0.5, 0.001, "as a share of what was compared"},
    MetricInfo{Metric::body_mismatches, "body_mismatches", "bodies unlike the recorded ones", MetricUnit::share, 0.5,
               0.001, "as a share of what was compared"},
};

}  // namespace

std::string_view to_string(MetricUnit unit) {
  switch (unit) {
    case MetricUnit::a_second: return "a second";
    case MetricUnit::milliseconds: return "ms";
    case MetricUnit::share: return "share";
  }
  return "";
}

const MetricInfo& metric_info(Metric metric) {
  const auto index = static_cast<std::size_t>(metric);
  CHECK(index < infos.size() && infos[index].metric == metric);
  return infos[index];
}

std::span<const MetricInfo> all_metrics() { return infos; }

std::optional<Metric> find_metric(std::string_view key) {
  const auto* found = std::ranges::find(infos, key, &MetricInfo::key);
  if (found == infos.end()) return std::nullopt;
  return found->metric;
}

}  // namespace understudy
