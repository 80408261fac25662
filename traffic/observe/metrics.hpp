// Writes metrics in Prometheus' text exposition format 0.0.4, from plain values.
//
//   MetricsText text;
//   text.family("understudy_requests_seen_total", MetricType::counter, "Requests seen on the wire.");
//   text.sample({{"port", "8080"}}, totals.seen);
//
// Names follow Prometheus' conventions (promtool check metrics passes): base units, counters end in _total. The set of
// label values must be bounded: targets and reasons, never paths or clients.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "traffic/observe/histogram.hpp"
#include "traffic/observe/ledger_summary.hpp"

namespace understudy {

enum class MetricType : std::uint8_t { counter, gauge, histogram };

struct MetricLabel {
  std::string_view name;   // [a-zA-Z_][a-zA-Z0-9_]*
  std::string_view value;  // any text; escaped
};
using MetricLabels = std::initializer_list<MetricLabel>;

// Content type of the result, for the HTTP response.
inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

// Upper bounds in seconds for delays between 100 us and 60 s.
[[nodiscard]] std::span<const double> delay_buckets_s();

class MetricsText {
 public:
  // Begins a family: its HELP and TYPE lines. The samples that follow belong to it. REQUIRES (CHECKed): a valid name.
  // Each family is begun once.
  void family(std::string_view name, MetricType type, std::string_view help);

  // One sample of the current family, a counter or a gauge.
  void sample(MetricLabels labels, std::uint64_t value);
  void sample(MetricLabels labels, double value);

  // One histogram of the current family, from durations recorded in nanoseconds, shown in seconds. `bounds_s` ascend.
  void histogram(MetricLabels labels, const HistogramSnapshot& durations_ns, std::span<const double> bounds_s);

  // What was written; the object is empty afterwards.
  [[nodiscard]] std::string take();

 private:
  void begin_sample(std::string_view suffix, MetricLabels labels, std::string_view bound);

  std::string out_;
  std::string family_;
};

// The ledger as metrics: understudy_requests_seen_total and the rest of the capture's side, and
// understudy_output_requests_*_total{output=...} for each output; every reason is a label, zeroes included, so that a
// rate can be taken from the start.
void write_ledger_metrics(MetricsText& text, const LedgerReport& report);

}  // namespace understudy
