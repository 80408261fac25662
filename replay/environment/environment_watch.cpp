#include "replay/environment/environment_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "replay/compare/shown_value.hpp"

namespace understudy {

EnvironmentWatch::EnvironmentWatch(const HealthPayload& build, MonotonicTime start, EnvironmentWatchOptions options)
    : build_(build), options_(options), last_running_(start) {}

void EnvironmentWatch::end(WatchState state, std::string reason) {
  state_ = state;
  reason_ = std::move(reason);
}

WatchState EnvironmentWatch::on_poll(MonotonicTime now, const Result<HealthAnswer>& answer) {
  if (state_ == WatchState::aborted || state_ == WatchState::invalidated) return state_;
  const HealthPayload* const payload = answer && answer->payload ? &*answer->payload : nullptr;
  if (payload != nullptr &&
      (payload->build_version != build_.build_version || payload->build_timestamp != build_.build_timestamp)) {
    end(WatchState::invalidated, fmt::format("the build changed during the run, from {} of {} to {} of {}",
                                             shown_text(build_.build_version), shown_text(build_.build_timestamp),
                                             shown_text(payload->build_version), shown_text(payload->build_timestamp)));
  } else if (payload != nullptr && payload->maintenance_mode) {
    unfit_in_a_row_ = 0;
    on_maintenance(now);
  } else if (!answer || !answer->is_healthy()) {
    on_unfit(now, answer ? answer->text() : answer.error().message);
  } else {
    unfit_in_a_row_ = 0;
    if (state_ == WatchState::paused) excluded_.back().to = now;
    state_ = WatchState::running;
    last_running_ = now;
  }
  return state_;
}

void EnvironmentWatch::on_maintenance(MonotonicTime now) {
  const bool touches_last = !excluded_.empty() && excluded_.back().to >= last_running_;
  if (state_ == WatchState::running && !touches_last && excluded_.size() < intervals_max) {
    excluded_.push_back({last_running_, now});
  }
  excluded_.back().to = now;
  state_ = WatchState::paused;
}

void EnvironmentWatch::on_unfit(MonotonicTime now, const std::string& found) {
  ++unfit_polls_;
  ++unfit_in_a_row_;
  if (state_ == WatchState::paused) excluded_.back().to = now;  // still not back
  if (unfit_in_a_row_ >= options_.unfit_max) {
    end(WatchState::aborted, fmt::format("{} polls in a row were unfit; the last found: {}", unfit_in_a_row_, found));
  }
}

bool EnvironmentWatch::is_excluded(MonotonicTime time) const {
  return std::ranges::any_of(
      excluded_, [&](const ExcludedInterval& interval) { return interval.from <= time && time < interval.to; });
}

Nanoseconds EnvironmentWatch::excluded_time() const {
  Nanoseconds sum{};
  for (const ExcludedInterval& interval : excluded_) sum += interval.to - interval.from;
  return sum;
}

}  // namespace understudy
