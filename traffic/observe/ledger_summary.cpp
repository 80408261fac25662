#include "traffic/observe/ledger_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace understudy {
namespace {

// What one row's numbers are called; capture and outputs differ in it.
struct SideWords {
  std::string_view taken;
  std::string_view passed_on;
};
constexpr SideWords capture_words = {"seen", "published"};
constexpr SideWords output_words = {"offered", "delivered"};

// The reasons that are not zero, largest first.
template <typename Reason, std::size_t count>
std::vector<std::pair<std::string_view, std::uint64_t>> nonzero(const std::array<std::uint64_t, count>& counters) {
  std::vector<std::pair<std::string_view, std::uint64_t>> result;
  for (std::size_t i = 0; i < count; ++i) {
    if (counters[i] != 0) result.emplace_back(to_string(static_cast<Reason>(i)), counters[i]);
  }
  std::stable_sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return result;
}

std::string reasons_text(const std::vector<std::pair<std::string_view, std::uint64_t>>& reasons) {
  std::string text;
  for (const auto& [name, number] : reasons) {
    fmt::format_to(std::back_inserter(text), "{}{} {}", text.empty() ? "" : ", ", name, number);
  }
  return text;
}

void append_side(std::string& out, std::string_view name, const LedgerTotals& totals) {
  fmt::format_to(std::back_inserter(out), "{:<28} {:>12} {:>12} {:>12} {:>12}\n", name, totals.seen, totals.delivered,
                 totals.filtered_total(), totals.lost_total());
  if (totals.filtered_total() > 0) {
    fmt::format_to(std::back_inserter(out), "    filtered: {}\n", reasons_text(nonzero<FilterReason>(totals.filtered)));
  }
  if (totals.lost_total() > 0) {
    fmt::format_to(std::back_inserter(out), "    lost: {}\n", reasons_text(nonzero<LossReason>(totals.lost)));
  }
  const std::int64_t in_flight = totals.in_flight();
  if (in_flight > 0) {
    fmt::format_to(std::back_inserter(out), "    still under way: {}\n", in_flight);
  } else if (in_flight < 0) {
    fmt::format_to(std::back_inserter(out), "    does not add up: {} more were accounted for than seen\n", -in_flight);
  }
}

// A long URL keeps its begin and its end.
std::string shortened(std::string_view name, std::size_t width) {
  if (name.size() <= width) return std::string(name);
  const std::size_t tail = width / 3;
  return fmt::format("{}...{}", name.substr(0, width - tail - 3), name.substr(name.size() - tail));
}

template <typename Reason, std::size_t count>
void write_reasons(JsonWriter& json, std::string_view key, const std::array<std::uint64_t, count>& counters) {
  json.key(key).begin_object();
  for (const auto& [name, number] : nonzero<Reason>(counters)) json.member(name, number);
  json.end_object();
}

void write_side(JsonWriter& json, const SideWords& words, const LedgerTotals& totals) {
  json.member(words.taken, totals.seen).member(words.passed_on, totals.delivered);
  json.member("filtered", totals.filtered_total()).member("lost", totals.lost_total());
  json.member("in_flight", totals.in_flight());
  write_reasons<FilterReason>(json, "filtered_by", totals.filtered);
  write_reasons<LossReason>(json, "lost_by", totals.lost);
}

}  // namespace

std::string format_ledger(const LedgerReport& report) {
  const double seconds = std::chrono::duration<double>(report.elapsed).count();
  std::string out;
  fmt::format_to(std::back_inserter(out), "{:<28} {:>12} {:>12} {:>12} {:>12}\n",
                 fmt::format("ledger of {:.1f} s", seconds), "requests", "passed on", "filtered", "lost");
  append_side(out, "capture", report.capture);
  for (const OutputTotals& output : report.outputs) append_side(out, shortened(output.name, 28), output.totals);
  if (report.stream_gaps + report.packets_dropped_by_kernel + report.packets_dropped_by_interface > 0) {
    fmt::format_to(
        std::back_inserter(out),
        "holes in streams: {}; packets dropped by the kernel: {}, by the interface: {} (requests inside them "
        "were never seen)\n",
        report.stream_gaps, report.packets_dropped_by_kernel, report.packets_dropped_by_interface);
  }
  return out;
}

void write_ledger_json(JsonWriter& json, const LedgerReport& report) {
  json.begin_object();
  json.member("elapsed_seconds", std::chrono::duration<double>(report.elapsed).count());
  json.key("capture").begin_object();
  write_side(json, capture_words, report.capture);
  json.end_object();
  json.key("outputs").begin_array();
  for (const OutputTotals& output : report.outputs) {
    json.begin_object().member("name", output.name);
    write_side(json, output_words, output.totals);
    json.end_object();
  }
  json.end_array();
  json.member("stream_gaps", report.stream_gaps);
  json.member("packets_dropped_by_kernel", report.packets_dropped_by_kernel);
  json.member("packets_dropped_by_interface", report.packets_dropped_by_interface);
  json.end_object();
}

}  // namespace understudy
