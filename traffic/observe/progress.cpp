#include "traffic/observe/progress.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <vector>

#include "traffic/base/quantity_text.hpp"
#include "traffic/observe/terminal.hpp"

namespace understudy {
namespace {

// Events a second, of a counter that may have been read torn: never negative.
double rate(std::uint64_t before, std::uint64_t now, double seconds) {
  return now <= before || seconds <= 0.0 ? 0.0 : static_cast<double>(now - before) / seconds;
}

std::string events_text(double a_second) {
  return a_second > 0.0 && a_second < 9.95 ? fmt::format("{:.1f}", a_second)
                                           : count_text(static_cast<std::uint64_t>(a_second + 0.5));
}

}  // namespace

std::string format_progress(const ProgressSample& before, const ProgressSample& now, unsigned columns) {
  const double seconds = std::chrono::duration<double>(now.time - before.time).count();
  std::vector<std::string> parts = {
      fmt::format("{} requests/s", events_text(rate(before.requests_seen, now.requests_seen, seconds))),
      fmt::format("{:.1f} Mbit/s", rate(before.payload_bytes, now.payload_bytes, seconds) * 8.0 / 1e6)};
  if (now.has_outputs) {
    parts.push_back(fmt::format("forwarded {}/s", events_text(rate(before.delivered, now.delivered, seconds))));
  }
  parts.push_back(fmt::format("lost {}", count_text(now.lost)));
  if (now.has_outputs) parts.push_back(fmt::format("queue {}", count_text(now.queued)));
  parts.push_back(fmt::format("seen {}", count_text(now.requests_seen)));

  std::string line;
  for (const std::string& part : parts) {
    const std::size_t gap = line.empty() ? 0 : 2;
    if (line.size() + gap + part.size() > columns) break;
    line.append(gap, ' ').append(part);
  }
  return line;
}

LiveLine::LiveLine(bool enabled) : shown_(enabled && standard_error_is_terminal()) { set_live_line_shown(shown_); }

LiveLine::~LiveLine() { clear(); }

void LiveLine::draw(const ProgressSample& now) {
  if (!shown_) return;
  if (has_previous_) {
    draw_line(format_progress(previous_, now, columns()));
  }
  previous_ = now;
  has_previous_ = true;
}

unsigned LiveLine::columns() { return standard_error_columns() - 1; }

void LiveLine::draw_line(std::string_view line) {
  if (!shown_) return;
  fmt::print(stderr, "\r{}\x1b[K", line);
  std::fflush(stderr);
}

void LiveLine::clear() {
  if (!shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  set_live_line_shown(false);
  shown_ = false;
}

}  // namespace understudy
