// What was asked of a ControlSignals and has not been told yet: the part of it that is alike on every platform.
//
// Thread safety: ask() and stop_requested() from any thread, and from signal handlers (signal-safety(7): lock-free
// atomics only); next() and clear() from one thread.
#pragma once

#include <algorithm>
#include <atomic>

#include "traffic/base/shutdown.hpp"

namespace understudy {

class ControlRequests {
 public:
  void ask(ControlEvent event) {
    if (event == ControlEvent::reload) {
      reload_asked_.store(true);
    } else {
      stops_asked_.fetch_add(event == ControlEvent::stop_now ? 2 : 1);
    }
  }

  [[nodiscard]] ControlEvent next() {
    const unsigned asked = std::min(stops_asked_.load(), 2U);
    if (stops_told_ < asked) {
      ++stops_told_;
      return stops_told_ == 1 ? ControlEvent::stop : ControlEvent::stop_now;
    }
    return reload_asked_.exchange(false) ? ControlEvent::reload : ControlEvent::none;
  }

  [[nodiscard]] bool stop_requested() const { return stops_asked_.load(std::memory_order_relaxed) > 0; }

  void clear() {
    stops_asked_.store(0);
    reload_asked_.store(false);
    stops_told_ = 0;
  }

 private:
  static_assert(std::atomic<unsigned>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

  std::atomic<unsigned> stops_asked_{0};
  std::atomic<bool> reload_asked_{false};
  unsigned stops_told_ = 0;
};

}  // namespace understudy
