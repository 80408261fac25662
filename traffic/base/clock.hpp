// Time as the project uses it, and the one seam through which it is read.
//
// Two kinds of time are never mixed: WallTime says when something happened in the world (packet time stamps,
// recordings, logs); MonotonicTime measures how long something took and drives time-outs. Both count nanoseconds.
#pragma once

#include <chrono>

namespace understudy {

using Nanoseconds = std::chrono::nanoseconds;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Nanoseconds>;
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, Nanoseconds>;

// Where time comes from. Code that waits or expires takes a Clock, so that tests advance time by hand and never sleep.
// Thread safety: implementations may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime wall_now() const = 0;
  [[nodiscard]] virtual MonotonicTime monotonic_now() const = 0;
};

// The operating system's clocks. The object lives for the whole program.
[[nodiscard]] const Clock& system_clock();

}  // namespace understudy
