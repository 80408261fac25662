// Verdicts of parts of the load: query classes and routes. Pure functions; any thread.
#pragma once

#include <vector>

#include "replay/verdict/verdict.hpp"

namespace understudy {

// Metrics that a verdict rests on, of those that were measured: of the whole load, of a class, of a route.
[[nodiscard]] bool is_total_headline(Metric metric);
[[nodiscard]] bool is_class_headline(Metric metric);
[[nodiscard]] bool is_route_headline(Metric metric);

// All classes of the pairs, heaviest first. Tests of one kind are one family. REQUIRES: the pairs are valid.
[[nodiscard]] std::vector<PartVerdict> judge_classes(const std::vector<MeasuredPair>& noise_pairs,
                                                     const std::vector<MeasuredPair>& pairs,
                                                     const VerdictMethod& method);

// All routes, busiest first. REQUIRES: the pairs are valid.
[[nodiscard]] std::vector<PartVerdict> judge_routes(const std::vector<MeasuredPair>& noise_pairs,
                                                    const std::vector<MeasuredPair>& pairs,
                                                    const VerdictMethod& method);

// Of the headline metrics: regressed if one is, else improved if one is, else equivalent if all are. `telling` is the
// place of the metric that says most, where there is one.
[[nodiscard]] RehearsalVerdict combine(const std::vector<MetricComparison>& metrics, std::size_t& telling);

// The sample of one metric over pairs of values; `smaller_total` and `headline` are the caller's.
struct MetricSample;
[[nodiscard]] MetricSample sample_of(Metric metric, const std::vector<MeasuredPair>& noise_pairs,
                                     const std::vector<MeasuredPair>& pairs);

}  // namespace understudy
