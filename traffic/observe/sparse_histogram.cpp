#include "traffic/observe/sparse_histogram.hpp"

#include <algorithm>

namespace understudy {

SparseHistogram::SparseHistogram(const HistogramSnapshot& snapshot)
    : count_(snapshot.count_), sum_(snapshot.sum_), minimum_(snapshot.minimum_), maximum_(snapshot.maximum_) {
  for (std::size_t i = 0; i < snapshot.counts_.size(); ++i) {
    append(static_cast<std::uint32_t>(i), snapshot.counts_[i]);
  }
  buckets_.shrink_to_fit();
}

void SparseHistogram::append(std::uint32_t index, std::uint64_t count) {
  constexpr std::uint64_t entry_max = std::numeric_limits<std::uint32_t>::max();
  while (count != 0) {
    const std::uint64_t part = std::min(count, entry_max);
    buckets_.push_back({index, static_cast<std::uint32_t>(part)});
    count -= part;
  }
}

SparseHistogram& SparseHistogram::operator+=(const SparseHistogram& other) {
  std::vector<Bucket> mine;
  mine.swap(buckets_);
  buckets_.reserve(mine.size() + other.buckets_.size());
  auto left = mine.cbegin();
  auto right = other.buckets_.cbegin();
  while (left != mine.cend() || right != other.buckets_.cend()) {
    const std::uint32_t index = right == other.buckets_.cend()                      ? left->index
                                : left == mine.cend() || right->index < left->index ? right->index
                                                                                    : left->index;
    std::uint64_t count = 0;
    for (; left != mine.cend() && left->index == index; ++left) count += left->count;
    for (; right != other.buckets_.cend() && right->index == index; ++right) count += right->count;
    append(index, count);
  }
  buckets_.shrink_to_fit();
  count_ += other.count_;
  sum_ += other.sum_;
  minimum_ = std::min(minimum_, other.minimum_);
  maximum_ = std::max(maximum_, other.maximum_);
  return *this;
}

void SparseHistogram::add_to(HistogramSnapshot& snapshot) const {
  if (buckets_.empty()) return;
  const std::size_t size = buckets_.back().index + std::size_t{1};
  if (snapshot.counts_.size() < size) snapshot.counts_.resize(size);
  for (const Bucket& bucket : buckets_) snapshot.counts_[bucket.index] += bucket.count;
  snapshot.count_ += count_;
  snapshot.sum_ += sum_;
  snapshot.minimum_ = std::min(snapshot.minimum_, minimum_);
  snapshot.maximum_ = std::max(snapshot.maximum_, maximum_);
}

HistogramSnapshot SparseHistogram::expand() const {
  HistogramSnapshot snapshot;
  add_to(snapshot);
  return snapshot;
}

}  // namespace understudy
