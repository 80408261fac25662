#include "replay/pacing/shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

// Requests. So close to the end of a segment, a request belongs to the next: sums of decimal rates are not exact.
constexpr long double count_tolerance = 1e-6L;
constexpr long double offset_max_s = 9e9L;  // what nanoseconds in 64 bits hold
constexpr std::size_t segments_told_max = 6;

}  // namespace

Shape::Shape(std::vector<Segment> segments) {
  CHECK(!segments.empty());
  Nanoseconds begin{0};
  for (std::size_t i = 0; i < segments.size(); ++i) {
    Segment& segment = segments[i];
    CHECK(segment.duration || (i + 1 == segments.size() && segment.kind != SegmentKind::ramp));
    const std::optional<Nanoseconds> duration = segment.duration;
    const long double count = duration ? segment.count_at(*duration) : 0;
    segments_.push_back({std::move(segment), begin, count_});
    count_ += count;
    if (duration) begin += *duration;
  }
  if (segments_.back().segment.duration) length_ = begin;
}

std::optional<Nanoseconds> Shape::time_of(long double count) const {
  if (length_ && count + count_tolerance >= count_) return std::nullopt;
  const auto after =
      std::upper_bound(segments_.begin(), segments_.end(), count + count_tolerance,
                       [](long double wanted, const Placed& placed) { return wanted < placed.count_before; });
  const Placed& placed = *std::prev(after);
  const long double time_s = placed.segment.time_of(std::max(count - placed.count_before, 0.0L));
  if (!(time_s < offset_max_s)) return std::nullopt;
  Nanoseconds time(std::llround(time_s * 1e9L));
  if (placed.segment.duration) time = std::min(time, *placed.segment.duration);
  return placed.begin + time;
}

double Shape::rate_at(Nanoseconds offset) const {
  if (offset < Nanoseconds(0) || (length_ && offset >= *length_)) return 0;
  const auto after = std::upper_bound(segments_.begin(), segments_.end(), offset,
                                      [](Nanoseconds wanted, const Placed& placed) { return wanted < placed.begin; });
  const Placed& placed = *std::prev(after);
  return placed.segment.rate_at(offset - placed.begin);
}

std::optional<std::uint64_t> Shape::requests() const {
  if (!length_) return std::nullopt;
  return static_cast<std::uint64_t>(std::ceil(std::max(count_ - count_tolerance, 0.0L)));
}

std::string Shape::words() const {
  std::string text;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (i == segments_told_max && segments_.size() > segments_told_max + 1) {
      text += fmt::format(", and {} more stretches", segments_.size() - i);
      break;
    }
    if (i != 0) text += ", then ";
    text += segments_[i].segment.words();
  }
  return text;
}

}  // namespace understudy
