#include "replay/report/progress_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

constexpr double position_min = 0.001;  // below, the time left is anybody's guess
constexpr double left_max_ns = 1e18;    // 31 years

std::string latency_text(std::uint64_t ns) {
  return ns == 0 ? "-" : duration_text(Nanoseconds(static_cast<std::int64_t>(ns)));
}

// "3:12", "1:03:12".
std::string clock_text(Nanoseconds time) {
  const std::int64_t total = std::max<std::int64_t>(0, std::chrono::round<std::chrono::seconds>(time).count());
  if (total < 3'600) return fmt::format("{}:{:02}", total / 60, total % 60);
  return fmt::format("{}:{:02}:{:02}", total / 3'600, total / 60 % 60, total % 60);
}

std::string left_text(const ReplayProgress& progress) {
  if (!progress.position || *progress.position < position_min) return clock_text(progress.elapsed);
  const double left = static_cast<double>(progress.elapsed.count()) * (1 / *progress.position - 1);
  if (!(left < left_max_ns)) return clock_text(progress.elapsed);
  return clock_text(Nanoseconds(std::llround(left))) + " left";
}

std::string achieved_text(const ReplayProgress& progress) {
  std::string achieved = rate_text(progress.achieved_rate);
  if (!progress.target_rate) return achieved;
  achieved.resize(achieved.size() - 2);  // one "/s" is enough
  return fmt::format("{} of {}", achieved, rate_text(*progress.target_rate));
}

std::string errors_text(const ReplayProgress& progress) {
  if (progress.errors == 0 || progress.finished == 0) return fmt::format("errors {}", count_text(progress.errors));
  return fmt::format("errors {} ({})", count_text(progress.errors),
                     share_text(static_cast<double>(progress.errors) / static_cast<double>(progress.finished)));
}

}  // namespace

ReplayProgress progress_of(Nanoseconds elapsed, const LoadFigures& totals, const LoadFigures& recent,
                           Nanoseconds recent_span) {
  ReplayProgress progress;
  progress.elapsed = elapsed;
  if (recent_span > Nanoseconds(0)) {
    progress.achieved_rate =
        static_cast<double>(recent.outcomes.sent) / std::chrono::duration<double>(recent_span).count();
  }
  progress.latency_p50 = recent.outcomes.latency.quantile(0.5);
  progress.latency_p99 = recent.outcomes.latency.quantile(0.99);
  progress.lateness_p99 = recent.lateness.quantile(0.99);
  progress.errors = totals.outcomes.errors();
  progress.finished = totals.outcomes.finished();
  return progress;
}

std::string format_replay_progress(const ReplayProgress& progress, unsigned columns) {
  std::vector<std::string> parts;
  if (progress.draining) parts.emplace_back("waiting for the last responses");
  if (progress.position) {
    parts.push_back(fmt::format("{:.0f} %", std::floor(std::clamp(*progress.position, 0.0, 1.0) * 100)));
  }
  parts.push_back(progress.draining ? clock_text(progress.elapsed) : left_text(progress));
  parts.push_back(achieved_text(progress));
  parts.push_back("p50 " + latency_text(progress.latency_p50));
  parts.push_back("p99 " + latency_text(progress.latency_p99));
  parts.push_back(errors_text(progress));
  parts.push_back("late " + latency_text(progress.lateness_p99));

  std::string line;
  for (const std::string& part : parts) {
    const std::size_t gap = line.empty() ? 0 : 2;
    if (line.size() + gap + part.size() > columns) break;
    line.append(gap, ' ').append(part);
  }
  return line;
}

ProgressLine::ProgressLine(bool quiet) {
  if (quiet) return;
  live_.emplace(true);
  if (live_->is_shown()) return;
  live_.reset();
  plain_ = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
}

ProgressLine::ProgressLine(std::function<void(const std::string&)> plain) : plain_(std::move(plain)) {}

bool ProgressLine::is_due(MonotonicTime now) const {
  if (!live_ && !plain_) return false;
  return !last_ || now - *last_ >= (live_ ? redraw_interval : plain_interval);
}

void ProgressLine::show(const ReplayProgress& progress, MonotonicTime now) {
  if (!is_due(now)) return;
  const bool is_first = !last_;
  last_ = now;
  if (live_) return live_->draw_line(format_replay_progress(progress, LiveLine::columns()));
  // The first line comes after the first interval: at the start there is nothing to tell.
  if (!is_first) plain_(format_replay_progress(progress, plain_columns));
}

void ProgressLine::clear() {
  if (live_) live_->clear();
  live_.reset();
  plain_ = nullptr;
}

}  // namespace understudy
