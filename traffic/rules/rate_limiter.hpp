// A cap on requests per time, shared by all workers without a lock.
//
// The generic cell rate algorithm (ITU-T I.371, the virtual scheduling form): a token bucket whose whole state is one
// time, the moment at which the bucket would be full again. So admitting is one load, one comparison and one exchange.
//
// Promise: in any span of time T at most burst + T * rate requests are admitted.
//
// Time is whatever the caller passes, here the packet time, so that a capture file gives the same result on every run.
// Should that clock be set back by more than clock_step_max, the bucket starts anew full, instead of refusing all until
// the old time comes again. Where workers' times differ by less, the latest counts.
#pragma once

#include <atomic>
#include <cstdint>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/base/units.hpp"
#include "traffic/rules/rule_text.hpp"

namespace understudy {

class RateLimiter {
 public:
  static constexpr std::uint64_t rate_per_second_max = 1'000'000;  // time is counted in whole nanoseconds
  static constexpr Nanoseconds clock_step_max = std::chrono::seconds(1);

  // REQUIRES: 0 < rate <= rate_per_second_max, burst > 0, and the time that a burst takes is below 100 years.
  RateLimiter(Rate rate, std::uint64_t burst);

  // Takes a token if there is one. Any thread.
  [[nodiscard]] bool admit(WallTime now);

 private:
  const std::int64_t interval_ns_;  // one request's share
  const std::int64_t capacity_ns_;  // the whole burst's
  std::atomic<std::int64_t> full_at_ns_{0};
};

// A parsed `limit` of the grammar in rule_options.hpp. Without "burst", it is a tenth of a second's worth, at least 1.
struct Limit {
  Rate rate;
  std::uint64_t burst = 1;

  [[nodiscard]] static Result<Limit> parse(const RuleText& rule);
};

}  // namespace understudy
