#include "replay/pacing/segment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

constexpr long double two_pi = 2.0L * std::numbers::pi_v<long double>;
constexpr long double inverse_error_max_s = 1e-12L;  // a thousandth of a nanosecond
constexpr int inverse_steps_max = 200;               // bisection alone needs 64

long double seconds_of(Nanoseconds time) { return static_cast<long double>(time.count()) / 1e9L; }

// A sine's mean rate, and how far it goes to either side.
struct Wave {
  long double mean;
  long double amplitude;
  long double period_s;

  [[nodiscard]] long double rate(long double time_s) const {
    return mean - amplitude * std::cos(two_pi * std::fmod(time_s, period_s) / period_s);
  }
  [[nodiscard]] long double count(long double time_s) const {
    const long double phase = two_pi * std::fmod(time_s, period_s) / period_s;
    return mean * time_s - amplitude * period_s / two_pi * std::sin(phase);
  }
};

Wave wave_of(const Segment& segment) {
  return {(segment.rate_begin + segment.rate_end) / 2, (segment.rate_end - segment.rate_begin) / 2,
          seconds_of(segment.period)};
}

// Newton's method, held inside an interval that bisection narrows: the rate may be zero at its lowest.
long double inverse_within_period(const Wave& wave, long double count) {
  if (!(count > 0)) return 0;
  long double low = 0;
  long double high = wave.period_s;
  long double time = count / wave.mean;
  for (int step = 0; step < inverse_steps_max && high - low > inverse_error_max_s; ++step) {
    const long double error = wave.count(time) - count;
    (error > 0 ? high : low) = time;
    const long double rate = wave.rate(time);
    long double next = rate > 0 ? time - error / rate : low;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (std::fabs(next - time) < inverse_error_max_s) return next;
    time = next;
  }
  return time;
}

long double inverse_of_sine(const Segment& segment, long double count) {
  const Wave wave = wave_of(segment);
  const long double count_a_period = wave.mean * wave.period_s;
  const long double periods = std::floor(count / count_a_period);
  const long double rest = std::clamp(count - periods * count_a_period, 0.0L, count_a_period);
  return periods * wave.period_s + inverse_within_period(wave, rest);
}

// Of the two roots of a t^2 / 2 + r t = n the smaller one that is not negative, in the form that loses no digits.
long double inverse_of_ramp(const Segment& segment, long double count) {
  const long double slope = (segment.rate_end - segment.rate_begin) / seconds_of(*segment.duration);
  const long double square = segment.rate_begin * segment.rate_begin + 2 * slope * count;
  const long double divisor = segment.rate_begin + std::sqrt(std::max(square, 0.0L));
  return divisor > 0 ? 2 * count / divisor : 0;
}

}  // namespace

long double Segment::count_at(Nanoseconds time) const {
  const long double time_s = seconds_of(time);
  switch (kind) {
    case SegmentKind::constant: return rate_begin * time_s;
    case SegmentKind::ramp: return (rate_begin + (rate_end - rate_begin) * time_s / seconds_of(*duration) / 2) * time_s;
    case SegmentKind::sine: return wave_of(*this).count(time_s);
  }
  return 0;
}

long double Segment::time_of(long double count) const {
  switch (kind) {
    case SegmentKind::constant: return count > 0 ? count / rate_begin : 0;
    case SegmentKind::ramp: return inverse_of_ramp(*this, count);
    case SegmentKind::sine: return inverse_of_sine(*this, count);
  }
  return 0;
}

double Segment::rate_at(Nanoseconds time) const {
  switch (kind) {
    case SegmentKind::constant: return static_cast<double>(rate_begin);
    case SegmentKind::ramp:
      return static_cast<double>(rate_begin + (rate_end - rate_begin) * seconds_of(time) / seconds_of(*duration));
    case SegmentKind::sine: return static_cast<double>(wave_of(*this).rate(seconds_of(time)));
  }
  return 0;
}

std::string Segment::words() const {
  const auto begin = static_cast<double>(rate_begin);
  const auto end = static_cast<double>(rate_end);
  const std::string span = duration ? " for " + duration_text(*duration) : "";
  switch (kind) {
    case SegmentKind::constant: return begin > 0 ? rate_text(begin) + span : "a pause" + span;
    case SegmentKind::ramp:
      return fmt::format("a ramp from {} to {} over {}", rate_text(begin), rate_text(end), duration_text(*duration));
    case SegmentKind::sine:
      return fmt::format("a sine between {} and {} every {}{}", rate_text(begin), rate_text(end), duration_text(period),
                         span);
  }
  return {};
}

}  // namespace understudy
