// The last so many seconds of a run, as figures: for --abort-if and for the progress line.
//
// Kept as at most slots_max slots of equal length, with sparse histograms, so memory is bounded for any window: a few
// MiB at 10,000 requests a second. A window therefore reaches back by its length, and up to one slot further.
// Thread safety: one thread.
#pragma once

#include <deque>

#include "replay/report/figures.hpp"
#include "traffic/observe/sparse_histogram.hpp"

namespace understudy {

class SlidingWindow {
 public:
  static constexpr std::size_t slots_max = 60;

  // REQUIRES (CHECKed): length > 0.
  explicit SlidingWindow(Nanoseconds length);

  // What was counted since the call before, until `offset` from the start of the run. REQUIRES: offsets ascend.
  void add(Nanoseconds offset, const LoadFigures& since_last);
  // Whether what was added covers the whole length.
  [[nodiscard]] bool is_full() const { return covered_ >= length_; }
  [[nodiscard]] LoadFigures figures() const;
  // The time that figures() covers.
  [[nodiscard]] Nanoseconds span() const;
  [[nodiscard]] Nanoseconds length() const { return length_; }

 private:
  struct Slot {
    Nanoseconds begin;
    Nanoseconds end;
    LoadFigures counts;  // its histograms are empty
    SparseHistogram latency, service_latency, lateness, wait;
  };

  const Nanoseconds length_;
  const Nanoseconds slot_length_;
  std::deque<Slot> slots_;
  Nanoseconds last_offset_{};
  Nanoseconds covered_{};
};

}  // namespace understudy
