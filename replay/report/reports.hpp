// A run's result in the formats that people and other programs read. All are pure functions to text, except
// write_results(). docs/replay-report.md describes each.
#pragma once

#include <string>

#include "replay/report/run_result.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// What a person reads in ten seconds: the verdict and each objective, target against achieved rate, the generator's own
// lateness, both latencies, outcomes, differences, and what was left out. Lines of at most 100 columns where names
// allow it. Safe on a terminal. Ends with a line end.
[[nodiscard]] std::string summary_text(const RunResult& result);

// One JSON object; the keys are part of the interface.
[[nodiscard]] std::string result_json(const RunResult& result);

// RFC 4180, with a header line: one line for each point of the series, and one for each route. Durations in
// milliseconds.
[[nodiscard]] std::string seconds_csv(const RunResult& result);
[[nodiscard]] std::string routes_csv(const RunResult& result);

// JUnit XML as CI servers read it: one test case for each objective; failed: a failure; not decidable: an error.
[[nodiscard]] std::string junit_xml(const RunResult& result);

// HdrHistogram's text percentile distribution of the latency from due, in milliseconds.
[[nodiscard]] std::string latency_hgrm(const HistogramSnapshot& latency_ns);

// HdrHistogram's interval log, version 1.3, with histograms of V2 encoding: the latency from due for each interval, and
// with the tag `service` the latency from sent of the whole run.
[[nodiscard]] std::string latency_hlog(const RunResult& result);

// Writes summary.txt, result.json, result.html, seconds.csv, routes.csv, junit.xml, latency.hgrm and latency.hlog into
// the folder, which is created where it is missing. All are written whole under other names first and then renamed: on
// an error no file has changed. ExitCode::output_failed.
[[nodiscard]] Result<void> write_results(const std::string& folder, const RunResult& result);

}  // namespace understudy
