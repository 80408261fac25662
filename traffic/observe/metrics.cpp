#include "traffic/observe/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

constexpr double nanoseconds_a_second = 1e9;

bool is_metric_name(std::string_view name) {
  const auto is_start = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':'; };
  return !name.empty() && is_start(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return is_start(c) || (c >= '0' && c <= '9'); });
}

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::counter: return "counter";
    case MetricType::gauge: return "gauge";
    case MetricType::histogram: return "histogram";
  }
  return "untyped";
}

// Backslash and line feed, and in label values the quote too, as the format's specification says.
void append_escaped(std::string& out, std::string_view text, bool in_quotes) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && in_quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

// One side of the ledger; `prefix` and `labels` tell which.
template <typename Select>
void write_totals(MetricsText& text, std::string_view name, std::string_view help, const LedgerReport& report,
                  const Select& select) {
  text.family(name, MetricType::counter, help);
  for (const OutputTotals& output : report.outputs) text.sample({{"output", output.name}}, select(output.totals));
}

void write_capture_reasons(MetricsText& text, const LedgerTotals& capture) {
  text.family("understudy_requests_filtered_total", MetricType::counter, "Requests left out on purpose, by reason.");
  for (std::size_t i = 0; i < filter_reason_count; ++i) {
    text.sample({{"reason", to_string(static_cast<FilterReason>(i))}}, capture.filtered[i]);
  }
  text.family("understudy_requests_lost_total", MetricType::counter, "Requests lost before publication, by reason.");
  for (std::size_t i = 0; i < loss_reason_count; ++i) {
    text.sample({{"reason", to_string(static_cast<LossReason>(i))}}, capture.lost[i]);
  }
}

void write_output_reasons(MetricsText& text, const std::vector<OutputTotals>& outputs) {
  text.family("understudy_output_requests_filtered_total", MetricType::counter,
              "Requests that an output left out on purpose, by reason.");
  for (const OutputTotals& output : outputs) {
    for (std::size_t i = 0; i < filter_reason_count; ++i) {
      text.sample({{"output", output.name}, {"reason", to_string(static_cast<FilterReason>(i))}},
                  output.totals.filtered[i]);
    }
  }
  text.family("understudy_output_requests_lost_total", MetricType::counter,
              "Requests that were offered to an output and not delivered, by reason.");
  for (const OutputTotals& output : outputs) {
    for (std::size_t i = 0; i < loss_reason_count; ++i) {
      text.sample({{"output", output.name}, {"reason", to_string(static_cast<LossReason>(i))}}, output.totals.lost[i]);
    }
  }
}

}  // namespace

std::span<const double> delay_buckets_s() {
  static constexpr double bounds[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                      0.1,    0.25,    0.5,    1.0,   2.5,    5.0,   10.0, 30.0,  60.0};
  return bounds;
}

void MetricsText::family(std::string_view name, MetricType type, std::string_view help) {
  CHECK(is_metric_name(name));
  family_ = name;
  fmt::format_to(std::back_inserter(out_), "# HELP {} ", name);
  append_escaped(out_, help, false);
  fmt::format_to(std::back_inserter(out_), "\n# TYPE {} {}\n", name, type_name(type));
}

void MetricsText::begin_sample(std::string_view suffix, MetricLabels labels, std::string_view bound) {
  CHECK(!family_.empty());
  out_.append(family_).append(suffix);
  char separator = '{';
  const auto add = [&](std::string_view name, std::string_view value) {
    out_ += std::exchange(separator, ',');
    out_.append(name).append("=\"");
    append_escaped(out_, value, true);
    out_ += '"';
  };
  for (const MetricLabel& label : labels) add(label.name, label.value);
  if (!bound.empty()) add("le", bound);
  if (separator == ',') out_ += '}';
  out_ += ' ';
}

void MetricsText::sample(MetricLabels labels, std::uint64_t value) {
  begin_sample("", labels, "");
  fmt::format_to(std::back_inserter(out_), "{}\n", value);
}

void MetricsText::sample(MetricLabels labels, double value) {
  begin_sample("", labels, "");
  out_.append(number_text(value)) += '\n';
}

void MetricsText::histogram(MetricLabels labels, const HistogramSnapshot& durations_ns,
                            std::span<const double> bounds_s) {
  for (const double bound : bounds_s) {
    begin_sample("_bucket", labels, number_text(bound));
    const auto bound_ns = static_cast<std::uint64_t>(std::llround(bound * nanoseconds_a_second));
    fmt::format_to(std::back_inserter(out_), "{}\n", durations_ns.count_at_or_below(bound_ns));
  }
  begin_sample("_bucket", labels, "+Inf");
  fmt::format_to(std::back_inserter(out_), "{}\n", durations_ns.count());
  begin_sample("_sum", labels, "");
  out_.append(number_text(static_cast<double>(durations_ns.sum()) / nanoseconds_a_second)) += '\n';
  begin_sample("_count", labels, "");
  fmt::format_to(std::back_inserter(out_), "{}\n", durations_ns.count());
}

std::string MetricsText::take() {
  family_.clear();
  return std::exchange(out_, {});
}

void write_ledger_metrics(MetricsText& text, const LedgerReport& report) {
  text.family("understudy_requests_seen_total", MetricType::counter, "Requests seen on the wire.");
  text.sample({}, report.capture.seen);
  text.family("understudy_requests_published_total", MetricType::counter, "Requests that were handed to the outputs.");
  text.sample({}, report.capture.delivered);
  write_capture_reasons(text, report.capture);
  text.family("understudy_stream_gaps_total", MetricType::counter, "Holes in captured TCP streams.");
  text.sample({}, report.stream_gaps);
  if (report.outputs.empty()) return;
  write_totals(text, "understudy_output_requests_offered_total", "Requests offered to an output.", report,
               [](const LedgerTotals& totals) { return totals.seen; });
  write_totals(text, "understudy_output_requests_delivered_total", "Requests that an output delivered.", report,
               [](const LedgerTotals& totals) { return totals.delivered; });
  write_output_reasons(text, report.outputs);
}

}  // namespace understudy
