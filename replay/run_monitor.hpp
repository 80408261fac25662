// Watches over a run: progress, the series, --abort-if, signals, and the end.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "replay/options.hpp"
#include "replay/report/progress_line.hpp"
#include "replay/report/run_series.hpp"
#include "replay/report/sliding_window.hpp"
#include "replay/run/replay_run.hpp"
#include "traffic/base/shutdown.hpp"

namespace understudy {

// How the run went until its end.
struct RunCourse {
  RunEnd end = RunEnd::whole;
  std::string end_reason;
  RunSeries series;
};

// What the monitor knows of the run's length, for its progress.
struct RunLength {
  std::optional<Nanoseconds> time;
  std::uint64_t count = 0;            // requests; 0: unknown
  std::uint64_t recording_bytes = 0;  // 0: unknown, or the recording is repeated
};

class RunMonitor {
 public:
  // All references outlive it.
  // `stop_reason`, which may be empty, is asked at each turn: a text stops the run at once.
  RunMonitor(ReplayRun& run, const ReplayOptions& options, RunLength length, ControlSignals& signals,
             const Clock& clock, std::function<std::optional<std::string>()> stop_reason);

  // Returns when everything is done with, or was given up.
  [[nodiscard]] RunCourse watch();

 private:
  // False: the watch is over.
  [[nodiscard]] bool turn();
  void take_second(MonotonicTime now);
  void note_figures(MonotonicTime now, const LoadFigures& totals);
  void show(MonotonicTime now, const LoadFigures& totals);
  void stop(RunEnd why, std::string reason, bool give_up);
  [[nodiscard]] std::optional<double> position(Nanoseconds elapsed) const;

  ReplayRun& run_;
  const ReplayOptions& options_;
  const Pacer& pacer_;
  const RunLength length_;
  ControlSignals& signals_;
  const Clock& clock_;
  const std::function<std::optional<std::string>()> stop_reason_;
  std::vector<AbortCondition> abort_conditions_;
  ProgressLine progress_;
  SlidingWindow recent_{ProgressLine::window};
  RunCourse course_;
  std::optional<MonotonicTime> last_second_;
  std::optional<MonotonicTime> give_up_at_;  // stopped: how long the last responses are waited for
};

}  // namespace understudy
