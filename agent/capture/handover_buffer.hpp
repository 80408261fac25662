// Packets that a thread of somebody else's delivers, until poll() takes them: two buffers that change places.
//
// Thread safety: any thread pushes; one thread drains. A push holds the lock for one copy, a drain for the exchange of
// two pointers.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "agent/capture/engine.hpp"
#include "agent/capture/packet.hpp"

namespace understudy {

class HandoverBuffer {
 public:
  // At most bytes_max bytes in each of the two buffers. They grow to what is needed, and stay so.
  explicit HandoverBuffer(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Copies the packet. False: there is no room, and it counts as dropped. True with `was_empty` set when it is the
  // first one to be drained: who waits must be woken then.
  [[nodiscard]] bool push(const PacketView& packet, bool& was_empty);

  // Hands out what was pushed, in order, and returns how many. What `handler` throws is thrown on, and the rest is
  // lost.
  std::size_t drain(PacketHandler& handler);

  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  const std::size_t bytes_max_;
  std::mutex mutex_;
  std::vector<std::uint8_t> filling_;  // guarded by mutex_
  std::vector<std::uint8_t> draining_;
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace understudy
