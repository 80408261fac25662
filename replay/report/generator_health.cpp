// Whether the generator was the bottleneck.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "replay/report/verdict.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

constexpr std::uint64_t lateness_samples_min = 100;  // below, a hundredth is less than one request

double highest_cpu(const GeneratorHealth& generator) {
  if (generator.spinning || generator.sender_cpu.empty()) return 0;
  return *std::max_element(generator.sender_cpu.begin(), generator.sender_cpu.end());
}

std::string lateness_reason(const RunResult& result) {
  const HistogramSnapshot& lateness = result.load.lateness;
  if (lateness.count() < lateness_samples_min) return {};
  const Nanoseconds p99(static_cast<std::int64_t>(lateness.quantile(0.99)));
  if (p99 <= generator_lateness_max) return {};
  return fmt::format("the generator itself turned to 1 % of the requests more than {} after they were due",
                     duration_text(p99));
}

std::string cpu_reason(const RunResult& result) {
  const double cpu = highest_cpu(result.generator);
  if (cpu < generator_cpu_max) return {};
  const double achieved = result.achieved_rate();
  if (result.target_rate && achieved >= generator_rate_share_min * *result.target_rate) return {};
  const std::string rates = result.target_rate
                                ? fmt::format("{} of {}", rate_text(achieved), rate_text(*result.target_rate))
                                : rate_text(achieved);
  return fmt::format("a sender thread used {} of a core, and reached {}", share_text(cpu), rates);
}

}  // namespace

void assess_generator(RunResult& result) {
  std::string reason = lateness_reason(result);
  const std::string cpu = cpu_reason(result);
  if (!cpu.empty()) reason += (reason.empty() ? "" : "; ") + cpu;
  result.generator.saturated = !reason.empty();
  result.generator.reason =
      reason.empty() ? "" : reason + ": use more sender threads, a machine with less to do, or a lower rate";
}

}  // namespace understudy
