// A queue from one thread to one other, bounded by items and by bytes, without locks.
//
// The producer never waits: push() refuses when a limit is reached, and the caller counts the loss. An item counts
// against both limits from push() until release(), not merely until pop(), so that one option bounds what is queued and
// what is in flight together.
//
// Memory: item_count_max slots, allocated once; the bytes are whatever the items say of themselves.
//
// Thread safety: one thread calls push(); one thread calls pop() and release(); anybody may read the gauges. An item
// that was pushed is seen whole by the thread that pops it.
//
// Invariants:
//   1. released <= popped <= pushed <= released + item_count_max   (items; counted in 64 bits, so they never wrap)
//   2. slot i holds an item exactly while popped <= n < pushed for the n with n mod slots = i
//   3. bytes() exceeds bytes_max by nothing, except that a single item larger than bytes_max is taken when the queue
//      holds nothing else: a limit below the largest request must not mean that it can never be sent
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "traffic/base/check.hpp"

namespace understudy {

template <typename T>
class BoundedQueue {
 public:
  // REQUIRES: item_count_max > 0.
  BoundedQueue(std::size_t item_count_max, std::uint64_t bytes_max)
      : slots_(std::bit_ceil(item_count_max)),
        mask_(slots_.size() - 1),
        item_count_max_(item_count_max),
        bytes_max_(bytes_max) {
    CHECK(item_count_max > 0);
  }
  BoundedQueue(const BoundedQueue&) = delete;
  BoundedQueue& operator=(const BoundedQueue&) = delete;

  // Producer. Takes the item unless a limit would be passed; false leaves `item` as it was.
  [[nodiscard]] bool push(T&& item, std::uint64_t bytes) {
    const std::uint64_t pushed = pushed_.load(std::memory_order_relaxed);
    const std::uint64_t released = released_.load(std::memory_order_acquire);
    if (pushed - released >= item_count_max_) return false;
    const std::uint64_t pushed_bytes = pushed_bytes_.load(std::memory_order_relaxed);
    const std::uint64_t held = pushed_bytes - released_bytes_.load(std::memory_order_relaxed);
    if (held != 0 && held + bytes > bytes_max_) return false;
    slots_[static_cast<std::size_t>(pushed) & mask_] = std::move(item);
    pushed_bytes_.store(pushed_bytes + bytes, std::memory_order_relaxed);
    pushed_.store(pushed + 1, std::memory_order_release);
    return true;
  }

  // Consumer. The oldest item, or nothing.
  [[nodiscard]] std::optional<T> pop() {
    const std::uint64_t popped = popped_.load(std::memory_order_relaxed);
    if (popped == pushed_.load(std::memory_order_acquire)) return std::nullopt;
    std::optional<T> item(std::move(slots_[static_cast<std::size_t>(popped) & mask_]));
    slots_[static_cast<std::size_t>(popped) & mask_] = T{};
    popped_.store(popped + 1, std::memory_order_relaxed);
    return item;
  }

  // Consumer. A popped item of that many bytes is done with. REQUIRES: once for each popped item.
  void release(std::uint64_t bytes) {
    released_bytes_.store(released_bytes_.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
    released_.store(released_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  // Items that wait to be popped. Exact for the consumer when it is zero and nobody pushes; a gauge for others.
  [[nodiscard]] bool empty() const { return waiting() == 0; }
  [[nodiscard]] std::uint64_t waiting() const {
    const std::uint64_t popped =
        popped_.load(std::memory_order_relaxed);  // first, so that the difference is never negative
    return pushed_.load(std::memory_order_acquire) - popped;
  }
  // Items and bytes that count against the limits: waiting and in flight.
  [[nodiscard]] std::uint64_t held() const {
    const std::uint64_t released = released_.load(std::memory_order_acquire);
    return pushed_.load(std::memory_order_acquire) - released;
  }
  [[nodiscard]] std::uint64_t bytes() const {
    const std::uint64_t released = released_bytes_.load(std::memory_order_relaxed);
    return pushed_bytes_.load(std::memory_order_relaxed) - released;
  }

 private:
  std::vector<T> slots_;
  std::size_t mask_;
  std::uint64_t item_count_max_;
  std::uint64_t bytes_max_;
  // Producer and consumer each write to a cache line of their own.
  alignas(64) std::atomic<std::uint64_t> pushed_{0};
  std::atomic<std::uint64_t> pushed_bytes_{0};
  alignas(64) std::atomic<std::uint64_t> popped_{0};
  std::atomic<std::uint64_t> released_{0};
  std::atomic<std::uint64_t> released_bytes_{0};
};

}  // namespace understudy
