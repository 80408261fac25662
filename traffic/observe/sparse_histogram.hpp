// A histogram snapshot of which only the buckets in use are kept: for series that hold many.
//
// A dense snapshot of durations takes 260 KiB; one second of traffic uses a few hundred of its buckets, at 8 bytes each
// here. Nothing is lost: expand() gives the snapshot back, with its exact sum, minimum and maximum.
//
// A value type.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "traffic/observe/histogram.hpp"

namespace understudy {

class SparseHistogram {
 public:
  SparseHistogram() = default;
  explicit SparseHistogram(const HistogramSnapshot& snapshot);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t maximum() const { return maximum_; }
  // Bytes held.
  [[nodiscard]] std::size_t memory() const { return sizeof *this + buckets_.capacity() * sizeof(Bucket); }

  SparseHistogram& operator+=(const SparseHistogram& other);
  // Adds the records to a dense snapshot.
  void add_to(HistogramSnapshot& snapshot) const;
  [[nodiscard]] HistogramSnapshot expand() const;

 private:
  struct Bucket {
    std::uint32_t index;
    std::uint32_t count;  // a larger count takes several entries of one index
  };
  void append(std::uint32_t index, std::uint64_t count);

  std::vector<Bucket> buckets_;  // by index, ascending
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t minimum_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t maximum_ = 0;
};

}  // namespace understudy
