// Puts exchanges that come nearly in order into order, within a bound.
//
// An exchange is given when everything that could precede it has come, which is taken to be so once an exchange came
// whose place in the input (`seen_at`) is later than its own time by `span`; or when the exchanges that wait are over
// one of the limits. Among equal times the order of coming stays.
//
// Thread safety: one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "traffic/http/exchange.hpp"
#include "traffic/recording/exchange_order.hpp"

namespace understudy {

struct ReorderLimits {
  Nanoseconds span = std::chrono::seconds(60);
  std::size_t bytes_max = std::size_t{64} << 20U;
  std::size_t exchanges_max = 100'000;
};

class ReorderWindow {
 public:
  explicit ReorderWindow(const ReorderLimits& limits) : limits_(limits) {}

  // `seen_at` is the time that the input is ordered by: the end of the exchange, where it was written then.
  void push(ExchangePtr exchange, WallTime seen_at) {
    newest_ = std::max(newest_, seen_at);
    ++count_;
    waiting_.add(std::move(exchange), pushed_++);
  }

  // The next exchange whose turn has come; null when there is none before more are pushed. With `at_end`, no more will
  // be.
  [[nodiscard]] ExchangePtr pop(bool at_end) {
    if (waiting_.empty()) return nullptr;
    const bool over = waiting_.bytes() > limits_.bytes_max || count_ > limits_.exchanges_max;
    if (!at_end && !over && newest_ - waiting_.earliest() < limits_.span) return nullptr;
    --count_;
    return waiting_.take();
  }

 private:
  const ReorderLimits limits_;
  ExchangeOrder waiting_;
  std::size_t count_ = 0;
  std::uint64_t pushed_ = 0;
  WallTime newest_{Nanoseconds::min()};
};

}  // namespace understudy
