#include "replay/run_monitor.hpp"

#include <algorithm>
#include <utility>

namespace understudy {
namespace {

constexpr auto turn_length = std::chrono::milliseconds(50);
constexpr auto second = std::chrono::seconds(1);

}  // namespace

RunMonitor::RunMonitor(ReplayRun& run, const ReplayOptions& options, RunLength length, ControlSignals& signals,
                       const Clock& clock, std::function<std::optional<std::string>()> stop_reason)
    : run_(run),
      options_(options),
      pacer_(run.scheduler().pacer()),
      length_(length),
      signals_(signals),
      clock_(clock),
      stop_reason_(std::move(stop_reason)),
      abort_conditions_(options.verdict.abort_conditions),
      progress_(options.verdict.quiet) {}

RunCourse RunMonitor::watch() {
  while (turn()) continue;
  progress_.clear();
  const MonotonicTime now = clock_.monotonic_now();
  if (run_.scheduler().started_at()) note_figures(now, run_.figures().targets.front());
  return std::move(course_);
}

bool RunMonitor::turn() {
  const ControlEvent event = signals_.wait(turn_length);
  const MonotonicTime now = clock_.monotonic_now();
  if (event == ControlEvent::stop) stop(RunEnd::interrupted, "a signal asked to stop", true);
  if (event == ControlEvent::stop_now) {
    stop(RunEnd::interrupted, "a second signal asked to stop at once", true);
    return false;
  }
  if (run_.finished()) return false;
  if (stop_reason_ && !give_up_at_) {
    if (auto reason = stop_reason_()) stop(RunEnd::interrupted, std::move(*reason), true);
  }
  if (give_up_at_ && now >= *give_up_at_) return false;
  // Responses that are still missing when everything was sent are waited for as long as those after a stop.
  if (!give_up_at_ && run_.scheduler().ended() && run_.scheduler().planned() > 0 && run_.all_handed_out()) {
    give_up_at_ = now + options_.load.drain;
  }
  if (run_.scheduler().started_at()) take_second(now);
  return true;
}

void RunMonitor::take_second(MonotonicTime now) {
  if (!last_second_) last_second_ = *run_.scheduler().started_at();
  const bool is_second = now - *last_second_ >= second;
  if (!is_second && !progress_.is_due(now)) return;
  const LoadFigures totals = run_.figures().targets.front();
  if (is_second) {
    *last_second_ += (now - *last_second_) / second * second;
    note_figures(now, totals);
  }
  show(now, totals);
}

void RunMonitor::note_figures(MonotonicTime now, const LoadFigures& totals) {
  const Nanoseconds offset = now - *run_.scheduler().started_at();
  if (offset.count() <= 0) return;
  const std::optional<double> target_rate = pacer_.rate_at(offset);
  const LoadFigures since_last = course_.series.add(offset, totals, target_rate);
  recent_.add(offset, since_last);
  if (give_up_at_) return;
  for (AbortCondition& condition : abort_conditions_) {
    if (condition.add(offset, since_last)) return stop(RunEnd::aborted, condition.reason(), true);
  }
}

void RunMonitor::show(MonotonicTime now, const LoadFigures& totals) {
  if (!progress_.is_due(now)) return;
  const Nanoseconds elapsed = now - *run_.scheduler().started_at();
  ReplayProgress progress = progress_of(elapsed, totals, recent_.figures(), recent_.span());
  progress.position = position(elapsed);
  progress.target_rate = pacer_.rate_at(elapsed);
  progress.draining = give_up_at_.has_value();
  progress_.show(progress, now);
}

// The first reason to stop is the one that is told.
void RunMonitor::stop(RunEnd why, std::string reason, bool give_up) {
  if (!give_up_at_) {
    course_.end = why;
    course_.end_reason = std::move(reason);
    give_up_at_ = clock_.monotonic_now() + options_.load.drain;
  }
  run_.stop(give_up);
}

std::optional<double> RunMonitor::position(Nanoseconds elapsed) const {
  std::optional<double> furthest;
  const auto take = [&](double share) { furthest = std::min(1.0, std::max(furthest.value_or(0), share)); };
  if (length_.time) take(std::chrono::duration<double>(elapsed) / std::chrono::duration<double>(*length_.time));
  if (length_.count != 0) take(static_cast<double>(run_.scheduler().planned()) / static_cast<double>(length_.count));
  if (length_.recording_bytes != 0) {
    take(static_cast<double>(run_.scheduler().bytes_read()) / static_cast<double>(length_.recording_bytes));
  }
  return furthest;
}

}  // namespace understudy
