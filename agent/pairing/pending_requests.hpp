// The requests of one flow whose response is outstanding, in order.
//
// A plain queue on a vector: a deque would allocate 0.5 KiB for each flow. Entries are named by a number that counts
// from the flow's beginning, so that names stay valid while entries in front go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "traffic/http/exchange.hpp"
#include "traffic/http/head_parser.hpp"

namespace understudy {

struct PendingRequest {
  RequestPtr request;                          // once complete, when its exchange is wanted
  std::unique_ptr<CapturedResponse> response;  // once ended, when it is kept
  std::size_t charge = 0;  // bytes taken from the worker's budget for both; they hold leases of its pool
  Answers answers = Answers::ordinary;
  bool asks_for_upgrade = false;  // the response decides whether HTTP goes on
  bool request_ended = false;     // complete, or lost
  bool response_begun = false;
  bool response_ended = false;  // complete, lost, or known not to come
  // Stands for an unknown number of requests, perhaps none, that a gap has swallowed.
  bool is_hole = false;

  [[nodiscard]] bool finished() const { return request_ended && response_ended; }
};

class PendingRequests {
 public:
  using Number = std::uint64_t;
  static constexpr Number none = ~Number{0};

  [[nodiscard]] bool empty() const { return first_ == entries_.size(); }
  [[nodiscard]] std::size_t size() const { return entries_.size() - first_; }
  [[nodiscard]] Number begin() const { return popped_; }
  [[nodiscard]] Number end() const { return popped_ + size(); }
  [[nodiscard]] bool contains(Number number) const { return number >= begin() && number < end(); }

  // REQUIRES: contains(number). Valid until the next push.
  [[nodiscard]] PendingRequest& at(Number number) {
    return entries_[first_ + static_cast<std::size_t>(number - popped_)];
  }
  [[nodiscard]] PendingRequest& front() { return entries_[first_]; }
  [[nodiscard]] PendingRequest& back() { return entries_.back(); }

  Number push(PendingRequest&& entry) {
    entries_.push_back(std::move(entry));
    return end() - 1;
  }
  void pop_front() {
    entries_[first_] = PendingRequest();
    ++first_;
    ++popped_;
    if (first_ == entries_.size()) {
      entries_.clear();
      first_ = 0;
    } else if (first_ >= 32 && first_ * 2 >= entries_.size()) {
      entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
  }

 private:
  std::vector<PendingRequest> entries_;
  std::size_t first_ = 0;
  Number popped_ = 0;
};

}  // namespace understudy
