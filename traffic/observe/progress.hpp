// The live line: on a terminal, one line of rates that is redrawn once a second; nothing anywhere else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "traffic/base/clock.hpp"

namespace understudy {

// Running totals at one moment.
struct ProgressSample {
  MonotonicTime time;
  std::uint64_t requests_seen = 0;
  std::uint64_t payload_bytes = 0;  // of TCP, both directions
  bool has_outputs = false;         // false: watching only, so nothing is forwarded
  std::uint64_t delivered = 0;      // all outputs together, as the rest
  std::uint64_t lost = 0;           // capture's side included
  std::uint64_t queued = 0;         // now, not a total
};

// "1,204 requests/s  31.2 Mbit/s  forwarded 1,203/s  lost 0  queue 3  seen 84,112", at most `columns` long; parts are
// are left out from the right when it is too long. Rates are of the time between the two samples. Pure.
[[nodiscard]] std::string format_progress(const ProgressSample& before, const ProgressSample& now, unsigned columns);

// Draws on standard error. Lines of the log that go there as well push it away first, and it comes back with the next
// draw. Thread safety: of one thread. Destruction clears the line.
class LiveLine {
 public:
  // Draws nothing when `enabled` is false or standard error is not a terminal.
  explicit LiveLine(bool enabled);
  ~LiveLine();
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  [[nodiscard]] bool is_shown() const { return shown_; }
  // Called once a second by its owner. The first call only remembers the sample.
  void draw(const ProgressSample& now);
  // Draws a line of the caller's instead, of at most columns() columns and safe on a terminal.
  void draw_line(std::string_view line);
  // How long a line may be: one column stays free, or terminals wrap.
  [[nodiscard]] static unsigned columns();
  // Takes the line away for good.
  void clear();

 private:
  bool shown_;
  bool has_previous_ = false;
  ProgressSample previous_;
};

}  // namespace understudy
