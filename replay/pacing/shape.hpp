// A rate as a function of time, in the little language of docs/pacing.md:
//
//   100/s for 1m, ramp to 2000/s over 5m, hold 10m, step to 500/s for 30s, sine 100..500/s every 1m for 10m, pause 5s
//
// The shape answers one question: when does the integral of the rate pass a given count? It is answered from the
// segment's own formula each time (constant: a division; ramp: the quadratic's root; sine: Newton's method inside one
// period), so no rounding adds up over a long run: the offset of any request is exact to a nanosecond or so.
//
// A request whose place falls on the end of a segment belongs to the next one: "100/s for 1s, pause 5s, 100/s for 1s"
// makes requests 0 to 99 due in the first second, and request 100 at 6 s.
//
// A value type. Thread safety: immutable after parse().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/pacing/segment.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class Shape {
 public:
  static constexpr std::uint64_t rate_max = 10'000'000;  // requests a second
  static constexpr std::size_t segments_max = 1'000;
  static constexpr Nanoseconds length_max = std::chrono::hours(24 * 366);

  // ExitCode::usage; the message says what was expected and at which character.
  [[nodiscard]] static Result<Shape> parse(std::string_view text);
  // Of segments that the parser checked: only the last may have no duration, and there is one at least.
  explicit Shape(std::vector<Segment> segments);

  // The offset at which the integral of the rate passes `count`; nothing when it never does. REQUIRES: count >= 0.
  [[nodiscard]] std::optional<Nanoseconds> time_of(long double count) const;
  // 0 after the end.
  [[nodiscard]] double rate_at(Nanoseconds offset) const;
  // Nothing: the last segment has no end.
  [[nodiscard]] std::optional<Nanoseconds> length() const { return length_; }
  // How many requests it asks for in all; nothing without an end.
  [[nodiscard]] std::optional<std::uint64_t> requests() const;
  // "100/s for 1 min, then a ramp from 100/s to 2,000/s over 5 min".
  [[nodiscard]] std::string words() const;

 private:
  struct Placed {
    Segment segment;
    Nanoseconds begin;
    long double count_before;
  };

  std::vector<Placed> segments_;
  std::optional<Nanoseconds> length_;
  long double count_ = 0;  // of all segments that have an end
};

}  // namespace understudy
