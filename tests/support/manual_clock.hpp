// A clock that tests move by hand. Any thread.
#pragma once

#include <atomic>

#include "traffic/base/clock.hpp"

namespace understudy {

class ManualClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall_now() const override { return WallTime(std::chrono::hours(24 * 365 * 50) + passed()); }
  [[nodiscard]] MonotonicTime monotonic_now() const override { return MonotonicTime(std::chrono::hours(1) + passed()); }

  void advance(Nanoseconds by) { passed_ += by.count(); }

 private:
  [[nodiscard]] Nanoseconds passed() const { return Nanoseconds(passed_.load()); }

  std::atomic<Nanoseconds::rep> passed_{0};
};

}  // namespace understudy
