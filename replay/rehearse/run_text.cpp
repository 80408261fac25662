#include "replay/rehearse/run_text.hpp"

#include <fmt/format.h>

#include "replay/verdict/verdict_text.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {

std::string run_line(const RunRecord& record) {
  const MeasuredRun run = measured_run(record);
  std::string text = fmt::format("{} {}, {}: {} answered", record.place.phase == RunPhase::noise ? "A/A pair" : "pair",
                                 record.place.pair, to_string(record.place.side), count_text(run.answered));
  for (const Metric metric : {Metric::device_reads, Metric::blocks_read, Metric::latency_p95, Metric::errors}) {
    const auto found = run.total.values.find(metric);
    if (found == run.total.values.end() || (metric == Metric::errors && found->second == 0)) continue;
    const MetricInfo& info = metric_info(metric);
    text += fmt::format(", {} {}", info.name, metric_text(info, found->second));
  }
  if (!run.invalid.empty()) text += "; it does not count: " + run.invalid.front();
  return text;
}

}  // namespace understudy
