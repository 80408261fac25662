// The text percentile distribution of HdrHistogram (.hgrm), as its plotter and its kin read it: five steps for each
// halving of the distance to 100 %, values in milliseconds.
#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "replay/report/reports.hpp"

namespace understudy {
namespace {

namespace layout = histogram_layout;

constexpr double steps_a_halving = 5;
constexpr double ns_a_ms = 1e6;

// The step behind a percentile: 100 % is halved floor(log2(100 / rest)) + 1 times to come close to it.
double next_percentile(double percentile) {
  const double halvings = std::floor(std::log2(100.0 / (100.0 - percentile))) + 1;
  return percentile + 100.0 / (steps_a_halving * std::exp2(halvings));
}

double standard_deviation_ns(const HistogramSnapshot& latency) {
  double squares = 0;
  const auto buckets = latency.buckets();
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    if (buckets[i] == 0) continue;
    const double lowest = i == 0 ? 0 : static_cast<double>(layout::highest_of(i - 1) + 1);
    const double distance = (lowest + static_cast<double>(layout::highest_of(i))) / 2 - latency.mean();
    squares += distance * distance * static_cast<double>(buckets[i]);
  }
  return latency.count() == 0 ? 0 : std::sqrt(squares / static_cast<double>(latency.count()));
}

}  // namespace

std::string latency_hgrm(const HistogramSnapshot& latency_ns) {
  std::string out =
      fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
  const auto buckets = latency_ns.buckets();
  const std::uint64_t total = latency_ns.count();
  std::uint64_t passed = 0;
  double percentile = 0;
  for (std::size_t i = 0; i < buckets.size() && passed < total; ++i) {
    if (buckets[i] == 0) continue;
    passed += buckets[i];
    const double value_ms = static_cast<double>(layout::highest_of(i)) / ns_a_ms;
    const double reached = 100.0 * static_cast<double>(passed) / static_cast<double>(total);
    while (reached >= percentile) {
      fmt::format_to(std::back_inserter(out), "{:12.3f} {:2.12f} {:10} {:14.2f}\n", value_ms, percentile / 100, passed,
                     1 / (1 - percentile / 100));
      percentile = next_percentile(percentile);
      if (passed == total) break;
    }
    if (passed == total) {
      fmt::format_to(std::back_inserter(out), "{:12.3f} {:2.12f} {:10}\n", value_ms, 1.0, passed);
    }
  }
  constexpr unsigned sub_buckets = 2U << layout::sub_bucket_bits;
  const std::size_t bucket_count =
      buckets.empty() ? 1 : std::max<std::size_t>(1, buckets.size() >> layout::sub_bucket_bits);
  fmt::format_to(std::back_inserter(out),
                 "#[Mean    = {:12.3f}, StdDeviation   = {:12.3f}]\n#[Max     = {:12.3f}, Total count    = {:12}]\n"
                 "#[Buckets = {:12}, SubBuckets     = {:12}]\n",
                 latency_ns.mean() / ns_a_ms, standard_deviation_ns(latency_ns) / ns_a_ms,
                 static_cast<double>(latency_ns.maximum()) / ns_a_ms, total, bucket_count, sub_buckets);
  return out;
}

}  // namespace understudy
