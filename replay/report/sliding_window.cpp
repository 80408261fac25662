#include "replay/report/sliding_window.hpp"

#include <algorithm>
#include <utility>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

constexpr Nanoseconds slot_length_min = std::chrono::seconds(1);

// The figures without their histograms, which take most of the memory.
LoadFigures counts_of(const LoadFigures& figures) {
  LoadFigures counts;
  counts.planned = figures.planned;
  counts.outcomes.sent = figures.outcomes.sent;
  counts.outcomes.by_status = figures.outcomes.by_status;
  counts.outcomes.lost = figures.outcomes.lost;
  counts.connections_opened = figures.connections_opened;
  counts.bytes_out = figures.bytes_out;
  counts.bytes_in = figures.bytes_in;
  counts.comparison = figures.comparison;
  return counts;
}

}  // namespace

SlidingWindow::SlidingWindow(Nanoseconds length)
    : length_(length), slot_length_(std::max(length / std::int64_t{slots_max}, slot_length_min)) {
  CHECK(length > Nanoseconds(0));
}

void SlidingWindow::add(Nanoseconds offset, const LoadFigures& since_last) {
  if (slots_.empty() || slots_.back().end - slots_.back().begin >= slot_length_) {
    slots_.push_back({last_offset_, last_offset_, {}, {}, {}, {}, {}});
  }
  Slot& slot = slots_.back();
  slot.end = offset;
  slot.counts += counts_of(since_last);
  slot.latency += SparseHistogram(since_last.outcomes.latency);
  slot.service_latency += SparseHistogram(since_last.outcomes.service_latency);
  slot.lateness += SparseHistogram(since_last.lateness);
  slot.wait += SparseHistogram(since_last.wait);
  covered_ += offset - last_offset_;
  last_offset_ = offset;
  // The oldest slot goes once the others cover the length.
  while (slots_.size() > 1 && offset - slots_[1].begin >= length_) slots_.pop_front();
}

LoadFigures SlidingWindow::figures() const {
  LoadFigures sum;
  for (const Slot& slot : slots_) {
    sum += slot.counts;
    slot.latency.add_to(sum.outcomes.latency);
    slot.service_latency.add_to(sum.outcomes.service_latency);
    slot.lateness.add_to(sum.lateness);
    slot.wait.add_to(sum.wait);
  }
  return sum;
}

Nanoseconds SlidingWindow::span() const {
  return slots_.empty() ? Nanoseconds(0) : slots_.back().end - slots_.front().begin;
}

}  // namespace understudy
