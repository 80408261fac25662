// Numbers of a verdict as people read them. Pure functions; any thread.
#pragma once

#include <string>

#include "replay/verdict/metric.hpp"

namespace understudy {

// Three digits: "0.0037", "1.32", "619", "8,567", "12,345,678".
[[nodiscard]] std::string figure_text(double value);
// With the metric's unit: "619 a second", "14.2 ms", "0.12 %"; bytes as "68 MiB a second".
[[nodiscard]] std::string metric_text(const MetricInfo& info, double value);
// "fell by 95.9 %", "rose by 12 %", "rose to 6.1 times".
[[nodiscard]] std::string change_text(double ratio);
// "p = 0.031", "p < 0.0001".
[[nodiscard]] std::string p_text(double p);

}  // namespace understudy
