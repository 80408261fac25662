// Holds exchanges until nothing earlier can come, and gives them by the first byte of their requests.
//
// Equal times keep the order in which they were added. Thread safety: one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/http/exchange.hpp"

namespace understudy {

class ExchangeOrder {
 public:
  // `rank` decides between equal times: the place in the recording.
  void add(ExchangePtr exchange, std::uint64_t rank) {
    bytes_ += exchange->memory();
    const WallTime time = exchange->request->first_byte;
    held_.push_back({time, rank, std::move(exchange)});
    std::push_heap(held_.begin(), held_.end(), is_later);
  }

  [[nodiscard]] bool empty() const { return held_.empty(); }
  // REQUIRES: not empty().
  [[nodiscard]] WallTime earliest() const { return held_.front().time; }
  [[nodiscard]] ExchangePtr take() {
    std::pop_heap(held_.begin(), held_.end(), is_later);
    ExchangePtr exchange = std::move(held_.back().exchange);
    held_.pop_back();
    bytes_ -= exchange->memory();
    return exchange;
  }
  // Memory of what is held.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Held {
    WallTime time;
    std::uint64_t rank;
    ExchangePtr exchange;
  };
  static bool is_later(const Held& a, const Held& b) { return a.time != b.time ? a.time > b.time : a.rank > b.rank; }

  std::vector<Held> held_;  // a heap
  std::size_t bytes_ = 0;
};

}  // namespace understudy
