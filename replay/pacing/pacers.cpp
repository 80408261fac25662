#include "replay/pacing/pacers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "traffic/base/check.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

// From the 53 highest bits, so that it is the same on every platform: at least 0, below 1.
double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11U) * 0x1p-53; }

Nanoseconds divided(Nanoseconds time, double factor) {
  return Nanoseconds(std::llround(static_cast<long double>(time.count()) / factor));
}

}  // namespace

std::string describe(const Pacer& pacer) {
  std::string extent;
  if (const auto length = pacer.length()) extent = duration_text(*length);
  if (const auto requests = pacer.requests()) {
    extent += fmt::format("{}{} requests", extent.empty() ? "" : ", ", count_text(*requests));
  }
  return extent.empty() ? pacer.words() : fmt::format("{} ({})", pacer.words(), extent);
}

std::optional<Nanoseconds> ShapedPacer::due(Nanoseconds) {
  const auto offset = shape_.time_of(static_cast<long double>(index_));
  if (!offset) return std::nullopt;
  ++index_;
  last_ = std::max(last_, *offset);  // two solutions of a segment's formula may be off by a nanosecond each
  return last_;
}

std::optional<Nanoseconds> PoissonPacer::due(Nanoseconds) {
  target_ += -std::log1p(-uniform(random_));
  const auto offset = shape_.time_of(target_);
  if (!offset) return std::nullopt;
  last_ = std::max(last_, *offset);
  return last_;
}

ScaledPacer::ScaledPacer(std::unique_ptr<Pacer> inner, double factor) : inner_(std::move(inner)), factor_(factor) {
  CHECK(factor > 0);
}

std::optional<Nanoseconds> ScaledPacer::due(Nanoseconds recorded) {
  const auto offset = inner_->due(recorded);
  if (!offset) return std::nullopt;
  return divided(*offset, factor_);
}

std::optional<double> ScaledPacer::rate_at(Nanoseconds offset) const {
  const auto rate = inner_->rate_at(divided(offset, 1 / factor_));
  if (!rate) return std::nullopt;
  return *rate * factor_;
}

std::optional<Nanoseconds> ScaledPacer::length() const {
  const auto length = inner_->length();
  if (!length) return std::nullopt;
  return divided(*length, factor_);
}

std::string ScaledPacer::words() const { return fmt::format("{} at {}x", inner_->words(), factor_); }

IdleCutPacer::IdleCutPacer(std::unique_ptr<Pacer> inner, Nanoseconds gap_max)
    : inner_(std::move(inner)), gap_max_(gap_max) {
  CHECK(gap_max > Nanoseconds(0));
}

std::optional<Nanoseconds> IdleCutPacer::due(Nanoseconds recorded) {
  const auto offset = inner_->due(recorded);
  if (!offset) return std::nullopt;
  cut_ += std::max(*offset - inner_last_ - gap_max_, Nanoseconds(0));
  inner_last_ = *offset;
  return *offset - cut_;
}

std::string IdleCutPacer::words() const {
  return fmt::format("{}, idle gaps cut to {}", inner_->words(), duration_text(gap_max_));
}

CappedPacer::CappedPacer(std::unique_ptr<Pacer> inner, double rate_max)
    : inner_(std::move(inner)), rate_max_(rate_max) {
  CHECK(rate_max > 0);
}

std::optional<Nanoseconds> CappedPacer::due(Nanoseconds recorded) {
  const auto offset = inner_->due(recorded);
  if (!offset) return std::nullopt;
  const long double gaps_ns = static_cast<long double>(since_anchor_ + 1) * 1e9L / rate_max_;
  const Nanoseconds earliest = anchor_ + Nanoseconds(std::llround(gaps_ns));
  if (!started_ || *offset >= earliest) {
    started_ = true;
    anchor_ = *offset;
    since_anchor_ = 0;
    return *offset;
  }
  ++since_anchor_;
  return earliest;
}

std::optional<double> CappedPacer::rate_at(Nanoseconds offset) const {
  const auto rate = inner_->rate_at(offset);
  if (!rate) return std::nullopt;
  return std::min(*rate, rate_max_);
}

std::string CappedPacer::words() const { return fmt::format("{}, at most {}", inner_->words(), rate_text(rate_max_)); }

}  // namespace understudy
