// One stretch of a shape: a rate over time, its integral, and the integral's inverse, each from its own formula.
//
// Value types; thread safe as such.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "traffic/base/clock.hpp"

namespace understudy {

enum class SegmentKind : std::uint8_t { constant, ramp, sine };

// One stretch of a shape. Rates are in requests a second.
struct Segment {
  SegmentKind kind = SegmentKind::constant;
  long double rate_begin = 0;             // sine: the lowest
  long double rate_end = 0;               // sine: the highest
  Nanoseconds period{};                   // of a sine, which begins at its lowest
  std::optional<Nanoseconds> duration{};  // nothing: without end, for the last segment only

  // How many requests the first `time` of it ask for. REQUIRES: 0 <= time, and time <= duration where there is one.
  [[nodiscard]] long double count_at(Nanoseconds time) const;
  // When that many are passed, from the segment's begin, in seconds. REQUIRES: 0 <= count < count_at(duration).
  [[nodiscard]] long double time_of(long double count) const;
  [[nodiscard]] double rate_at(Nanoseconds time) const;
  [[nodiscard]] std::string words() const;
};

}  // namespace understudy
