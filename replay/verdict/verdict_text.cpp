#include "replay/verdict/verdict_text.hpp"

#include <fmt/format.h>

#include <cmath>

#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

[[nodiscard]] bool counts_bytes(Metric metric) {
  return metric == Metric::device_read_bytes || metric == Metric::device_write_bytes || metric == Metric::wal_bytes;
}

}  // namespace

std::string figure_text(double value) {
  if (!(std::fabs(value) < 1e18)) return "very many";
  if (value < 0) return "-" + figure_text(-value);
  if (value >= 99.95) return count_text(static_cast<std::uint64_t>(std::llround(value)));
  if (value == 0) return "0";
  const int decimals = std::max(0, 2 - static_cast<int>(std::floor(std::log10(value))));
  std::string text = fmt::format("{:.{}f}", value, std::min(decimals, 9));
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

std::string metric_text(const MetricInfo& info, double value) {
  switch (info.unit) {
    case MetricUnit::milliseconds: return figure_text(value) + " ms";
    case MetricUnit::share: return share_text(value);
    case MetricUnit::a_second: break;
  }
  if (counts_bytes(info.metric) && value < 1e18) {
    return bytes_text(static_cast<std::uint64_t>(std::llround(value))) + " a second";
  }
  const bool is_time = info.metric == Metric::database_time || info.metric == Metric::block_read_time;
  return figure_text(value) + (is_time ? " ms a second" : " a second");
}

std::string change_text(double ratio) {
  if (ratio < 1) return "fell by " + share_text(1 - ratio);
  if (ratio < 2) return "rose by " + share_text(ratio - 1);
  return fmt::format("rose to {} times", figure_text(ratio));
}

std::string p_text(double p) { return p < 0.0001 ? "p < 0.0001" : fmt::format("p = {:.2g}", p); }

}  // namespace understudy
