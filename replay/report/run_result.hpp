// One run as data: what every report, the objectives and the verdict are made from.
//
// The engine fills it in; assess_generator(), evaluate_objectives() and judge() complete it; the writers only read it.
// Nothing in it is secret: the target has no user name, password or query, and options with secrets are left out.
// Plain values; durations of histograms are in nanoseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replay/report/figures.hpp"
#include "traffic/base/error.hpp"
#include "traffic/observe/sparse_histogram.hpp"
#include "traffic/recording/exchange_source.hpp"

namespace understudy {

struct NamedCount {
  std::string name;
  std::uint64_t count = 0;
};

struct RunIdentity {
  std::string tool_version;
  WallTime start{};
  std::vector<std::string> recordings;  // as they were named
  RecordingReport recording;            // of what was read
  std::string target;
  std::string baseline;                                      // empty: none
  std::string pacing;                                        // describe() of the pacer
  std::vector<std::pair<std::string, std::string>> options;  // flag and value, of those that were set
};

struct RouteResult {
  std::string name;  // "GET /orders/{id}"
  Outcomes outcomes;
  ComparisonCounts comparison;
};

// One second of the run, or several next to each other when it was long.
struct SeriesPoint {
  std::uint64_t second = 0;             // from the start of the run
  std::uint64_t seconds = 1;            // how many it covers
  std::optional<double> target_rate{};  // in requests a second, where the pacing has one
  std::uint64_t due = 0;
  std::uint64_t sent = 0;
  std::uint64_t completed = 0;
  std::uint64_t errors = 0;
  // In nanoseconds, 0 without a sample. Where points were merged: p50 is the mean by requests, p99 the highest.
  std::uint64_t latency_p50 = 0;
  std::uint64_t latency_p99 = 0;
  std::uint64_t lateness_p99 = 0;
};

// The latencies of a stretch of the run, whole, for tools that draw them over time.
struct LatencyInterval {
  Nanoseconds begin{};  // from the start of the run
  Nanoseconds length{};
  SparseHistogram latency;  // from due
};

struct GeneratorHealth {
  std::vector<double> sender_cpu;  // of each sender thread: the share of one core it used, 0 to 1
  bool spinning = false;           // it polls on purpose, so its CPU says nothing
  bool saturated = false;          // the generator, not the target, was the bottleneck
  std::string reason;              // why, and what to do; empty when it was not
};

enum class ObjectiveState : std::uint8_t { passed, failed, not_decidable };

struct ObjectiveResult {
  std::string text;  // as the user wrote it
  ObjectiveState state = ObjectiveState::not_decidable;
  std::string measured;        // "p99 = 312 ms", all figures of the expression
  std::string reason;          // why it cannot be decided; empty otherwise
  bool is_of_latency = false;  // it failed only by a latency from due, which a saturated generator makes worthless
};

enum class RunEnd : std::uint8_t {
  whole,        // the shape or the recording ended, or --count or --duration was reached
  interrupted,  // a signal
  aborted,      // --abort-if
  failed,       // nothing more could be read or sent; `end_reason` says why
};

enum class VerdictKind : std::uint8_t { none, passed, failed, inconclusive, aborted };

struct Verdict {
  VerdictKind kind = VerdictKind::none;  // none: nobody asked, there are no objectives
  std::vector<std::string> reasons;      // of anything but passed, the weightiest first
  ExitCode exit_code = ExitCode::ok;
};

struct RunResult {
  RunIdentity identity;

  // What was measured: the run without warm-up and cool-down.
  LoadFigures load;
  std::optional<LoadFigures> baseline;  // what the live baseline did meanwhile
  Nanoseconds duration{};               // of what was measured
  std::optional<double> target_rate;    // mean over it, in requests a second; nothing: as fast as possible
  Nanoseconds warm_up{};                // left out at the begin
  Nanoseconds cool_down{};              // and at the end
  std::uint64_t excluded = 0;           // requests that were sent in these

  std::vector<NamedCount> held_back;  // by reason: writes, filtered by a rule, ...: never sent, on purpose
  std::vector<RouteResult> routes;
  std::vector<SeriesPoint> series;         // of the whole run; at most RunSeries::points_max
  std::vector<LatencyInterval> intervals;  // of the whole run; at most RunSeries::intervals_max
  // Of the comparison, where there was one; set_comparison() fills them in.
  std::string differences_text;  // the most frequent ones, for the summary; empty: none
  std::string differences_json;  // one JSON object with all of them; docs/comparison.md. Empty: nothing was compared
  GeneratorHealth generator;

  RunEnd end = RunEnd::whole;
  std::string end_reason;  // of an end other than whole
  std::vector<ObjectiveResult> objectives;
  Verdict verdict;

  // Requests sent a second of what was measured; 0 without a duration.
  [[nodiscard]] double achieved_rate() const;
  [[nodiscard]] std::uint64_t held_back_total() const;
};

}  // namespace understudy
