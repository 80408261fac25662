// What callers and the middleware's thread share: messages on their way in, limits, and counts.
//
// Thread safety: any thread; see each function.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>

#include "traffic/middleware/middleware_child.hpp"
#include "traffic/middleware/middleware_process.hpp"

namespace understudy {

class MiddlewareInbox {
 public:
  explicit MiddlewareInbox(const MiddlewareOptions& options)
      : messages_max_(options.messages_max),
        bytes_max_(options.bytes_max),
        message_bytes_max_(options.message_bytes_max) {}

  // Callers. False leaves the message as it is.
  [[nodiscard]] bool put(MiddlewareMessage&& message) {
    const std::size_t bytes = message.bytes.size();
    {
      const std::lock_guard lock(mutex_);
      const bool fits = under_way_ < messages_max_ && bytes_ + bytes <= bytes_max_ && bytes <= message_bytes_max_;
      if (closed_ || !counts_.running || !fits) {
        ++counts_.refused;
        return false;
      }
      ++counts_.submitted;
      ++under_way_;
      bytes_ += bytes;
      waiting_.push_back(std::move(message));
    }
    wake_.wake();
    return true;
  }
  // What put() would say to a message of that size, which only `closed` and `too_large` say for ever.
  enum class Room : std::uint8_t { some, full, no_child, too_large, closed };
  [[nodiscard]] Room room_for(std::size_t bytes) const {
    const std::lock_guard lock(mutex_);
    if (closed_) return Room::closed;
    if (bytes > message_bytes_max_ || bytes > bytes_max_) return Room::too_large;
    if (!counts_.running) return Room::no_child;
    return under_way_ < messages_max_ && bytes_ + bytes <= bytes_max_ ? Room::some : Room::full;
  }
  [[nodiscard]] MiddlewareCounts counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }
  // Messages that were put and have not come back.
  [[nodiscard]] std::size_t under_way() const {
    const std::lock_guard lock(mutex_);
    return under_way_;
  }
  // Takes no further messages.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  // Lets the thread end.
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      stopped_ = true;
    }
    wake_.wake();
  }

  // The middleware's thread.
  [[nodiscard]] bool stopped() const {
    const std::lock_guard lock(mutex_);
    return stopped_;
  }
  [[nodiscard]] std::deque<MiddlewareMessage> take_all() {
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
  }
  void set_running(bool running) {
    const std::lock_guard lock(mutex_);
    counts_.running = running;
  }
  // A message of that size has come back.
  void settle(MiddlewareVerdict verdict, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    --under_way_;
    bytes_ -= bytes;
    if (verdict == MiddlewareVerdict::returned) ++counts_.returned;
    if (verdict == MiddlewareVerdict::omitted) ++counts_.omitted;
    if (verdict == MiddlewareVerdict::unjudged) ++counts_.unjudged;
  }
  // A message of that size, whose fate nobody wants to know, is written.
  void settle_shown(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    --under_way_;
    bytes_ -= bytes;
    ++counts_.shown;
  }
  void count(std::uint64_t MiddlewareCounts::*what) {
    const std::lock_guard lock(mutex_);
    ++(counts_.*what);
  }
  [[nodiscard]] const WakeEvent& wake() const { return wake_; }

 private:
  const std::size_t messages_max_;
  const std::size_t bytes_max_;
  const std::size_t message_bytes_max_;
  const WakeEvent wake_;
  mutable std::mutex mutex_;  // guards all below
  std::deque<MiddlewareMessage> waiting_;
  std::size_t under_way_ = 0;
  std::size_t bytes_ = 0;
  MiddlewareCounts counts_{.running = true};
  bool closed_ = false;
  bool stopped_ = false;
};

}  // namespace understudy
