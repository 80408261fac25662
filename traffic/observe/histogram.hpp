// A log-linear histogram: three significant digits over the whole range, about 4 ns a record, no allocation.
//
// Values are unsigned integers in a unit that the owner chooses (nanoseconds for durations, bytes for sizes). Values
// below 2048 are kept exactly; above, each power of two is cut into 1024 equal buckets, so that a quantile is never
// further than 1/1024 from the true value. A value over the range is counted in the last bucket; maximum() and mean()
// stay exact for it.
//
// Memory: 8 bytes a bucket, allocated once: about 260 KiB for durations up to an hour in nanoseconds, of which only the
// pages that are recorded into take real memory.
//
// Thread safety: one thread records; any thread may take a snapshot meanwhile. For several writers give each its own
// histogram and add the snapshots.
//
//   Histogram delay(Histogram::one_hour_ns);
//   delay.record(elapsed.count());
//   HistogramSnapshot all = delay.snapshot();
//   all += other_workers_delay.snapshot();
//   fmt::print("p99 {} ns\n", all.quantile(0.99));
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "traffic/base/counter.hpp"

namespace understudy {

// The bucket layout, shared by the histogram and its snapshots.
namespace histogram_layout {

inline constexpr unsigned sub_bucket_bits = 10;

// Bucket of a value.
[[nodiscard]] constexpr std::size_t index_of(std::uint64_t value) {
  const unsigned width = static_cast<unsigned>(std::bit_width(value));
  const unsigned shift = width > sub_bucket_bits + 1 ? width - (sub_bucket_bits + 1) : 0;
  return (std::size_t{shift} << sub_bucket_bits) + static_cast<std::size_t>(value >> shift);
}

// The highest value that falls into a bucket.
[[nodiscard]] constexpr std::uint64_t highest_of(std::size_t index) {
  if (index < (std::size_t{2} << sub_bucket_bits)) return index;
  const auto shift = static_cast<unsigned>(index >> sub_bucket_bits) - 1;
  const std::uint64_t top = index - (std::size_t{shift} << sub_bucket_bits);
  return (top << shift) + ((std::uint64_t{1} << shift) - 1);
}

}  // namespace histogram_layout

// A plain copy of a histogram. A value type; quantities are zero while it is empty.
class HistogramSnapshot {
 public:
  HistogramSnapshot() = default;

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }
  [[nodiscard]] std::uint64_t minimum() const { return count_ == 0 ? 0 : minimum_; }
  [[nodiscard]] std::uint64_t maximum() const { return maximum_; }
  [[nodiscard]] double mean() const;

  // The value that a fraction `q` of all records does not exceed: the top of the bucket that holds the record of rank
  // ceil(q * count), and never more than maximum(). q is clamped to 0..1; q = 0 gives minimum().
  [[nodiscard]] std::uint64_t quantile(double q) const;

  // How many records were at most `value`, to the precision of a bucket. For cumulative buckets of Prometheus.
  [[nodiscard]] std::uint64_t count_at_or_below(std::uint64_t value) const;

  // Adds another histogram's records. The ranges may differ; the result has the larger one.
  HistogramSnapshot& operator+=(const HistogramSnapshot& other);

  // Takes away an earlier snapshot of the same histogram: what was recorded since. minimum() and maximum() are then
  // those of the buckets that remain, the maximum exact where it is new.
  HistogramSnapshot& operator-=(const HistogramSnapshot& earlier);

  // How many records each bucket holds; histogram_layout::highest_of() has the values. For writers of other formats.
  [[nodiscard]] std::span<const std::uint64_t> buckets() const { return counts_; }

 private:
  friend class Histogram;
  friend class SparseHistogram;

  // The range of the buckets that hold something.
  void find_extremes();

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t minimum_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t maximum_ = 0;
};

class Histogram {
 public:
  static constexpr std::uint64_t one_hour_ns = 3'600'000'000'000;

  // `highest` is the largest value that keeps the precision.
  explicit Histogram(std::uint64_t highest);

  // REQUIRES: only one thread ever calls this.
  void record(std::uint64_t value) {
    counts_[histogram_layout::index_of(std::min(value, highest_))].add();
    sum_.add(value);
    if (value < minimum_.load(std::memory_order_relaxed)) minimum_.store(value, std::memory_order_relaxed);
    if (value > maximum_.load(std::memory_order_relaxed)) maximum_.store(value, std::memory_order_relaxed);
  }

  // Any thread. While a writer records, the sum may be ahead of or behind the counts by the records under way.
  [[nodiscard]] HistogramSnapshot snapshot() const;

 private:
  struct FreeMemory {
    void operator()(Counter* counters) const { std::free(counters); }
  };
  using Counters = std::unique_ptr<Counter[], FreeMemory>;
  [[nodiscard]] static Counters make_counters(std::size_t size);

  std::uint64_t highest_;
  std::size_t size_;
  Counters counts_;
  Counter sum_;
  std::atomic<std::uint64_t> minimum_{std::numeric_limits<std::uint64_t>::max()};
  std::atomic<std::uint64_t> maximum_{0};
};

}  // namespace understudy
