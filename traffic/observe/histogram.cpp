#include "traffic/observe/histogram.hpp"

#include <cstdlib>
#include <new>
#include <type_traits>

#include <cmath>

namespace understudy {

namespace layout = histogram_layout;

double HistogramSnapshot::mean() const {
  return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::uint64_t HistogramSnapshot::quantile(double q) const {
  if (count_ == 0) return 0;
  if (!(q > 0.0)) return minimum();
  if (q >= 1.0) return maximum_;
  const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
  std::uint64_t passed = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    passed += counts_[i];
    if (passed >= rank) return std::min(layout::highest_of(i), maximum_);
  }
  return maximum_;
}

std::uint64_t HistogramSnapshot::count_at_or_below(std::uint64_t value) const {
  if (value >= maximum_) return count_;
  const std::size_t end = std::min(layout::index_of(value) + 1, counts_.size());
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < end; ++i) total += counts_[i];
  return total;
}

HistogramSnapshot& HistogramSnapshot::operator+=(const HistogramSnapshot& other) {
  if (counts_.size() < other.counts_.size()) counts_.resize(other.counts_.size());
  for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  minimum_ = std::min(minimum_, other.minimum_);
  maximum_ = std::max(maximum_, other.maximum_);
  return *this;
}

HistogramSnapshot& HistogramSnapshot::operator-=(const HistogramSnapshot& earlier) {
  const std::uint64_t maximum = maximum_;
  const bool maximum_is_new = maximum > earlier.maximum_;
  if (counts_.size() < earlier.counts_.size()) counts_.resize(earlier.counts_.size());
  count_ = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (i < earlier.counts_.size()) counts_[i] -= std::min(counts_[i], earlier.counts_[i]);
    count_ += counts_[i];
  }
  sum_ -= std::min(sum_, earlier.sum_);
  find_extremes();
  if (count_ != 0 && maximum_is_new) maximum_ = maximum;
  return *this;
}

void HistogramSnapshot::find_extremes() {
  minimum_ = std::numeric_limits<std::uint64_t>::max();
  maximum_ = 0;
  if (count_ == 0) return;
  std::size_t first = 0;
  while (counts_[first] == 0) ++first;
  std::size_t last = counts_.size() - 1;
  while (counts_[last] == 0) --last;
  minimum_ = first == 0 ? 0 : layout::highest_of(first - 1) + 1;
  maximum_ = layout::highest_of(last);
}

// Zeroed by the system, not by us: pages that no record reaches take no memory.
Histogram::Counters Histogram::make_counters(std::size_t size) {
  static_assert(std::is_trivially_destructible_v<Counter> && sizeof(Counter) == sizeof(std::uint64_t));
  void* const memory = std::calloc(size, sizeof(Counter));
  if (memory == nullptr) throw std::bad_alloc();
  return Counters(static_cast<Counter*>(memory));
}

Histogram::Histogram(std::uint64_t highest)
    : highest_(highest), size_(layout::index_of(highest) + 1), counts_(make_counters(size_)) {}

HistogramSnapshot Histogram::snapshot() const {
  HistogramSnapshot copy;
  copy.counts_.resize(size_);
  for (std::size_t i = 0; i < size_; ++i) {
    copy.counts_[i] = counts_[i].value();
    copy.count_ += copy.counts_[i];  // not a counter of its own: quantiles then always agree with the counts
  }
  copy.sum_ = sum_.value();
  copy.minimum_ = minimum_.load(std::memory_order_relaxed);
  copy.maximum_ = maximum_.load(std::memory_order_relaxed);
  return copy;
}

}  // namespace understudy
