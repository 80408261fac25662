// Decides whether a target is worth trying: closed (yes), open (no, until a pause has passed), half open (one try).
//
// Pure bookkeeping over times that it is given. Not thread safe.
#pragma once

#include <algorithm>
#include <cstdint>

#include "traffic/base/clock.hpp"

namespace understudy {

enum class BreakerState : std::uint8_t { closed, open, half_open };

class CircuitBreaker {
 public:
  // REQUIRES: failures > 0; 0 < pause <= pause_max.
  CircuitBreaker(unsigned failures, Nanoseconds pause, Nanoseconds pause_max)
      : failures_to_open_(failures), first_pause_(pause), pause_max_(pause_max), pause_(pause) {}

  [[nodiscard]] BreakerState state() const { return state_; }
  // When an open breaker is due to be tried. Meaningless in other states.
  [[nodiscard]] MonotonicTime retry_at() const { return retry_at_; }
  [[nodiscard]] Nanoseconds pause() const { return pause_; }

  // Open and due: half open from now on. True when the state changed.
  bool try_half_open(MonotonicTime now) {
    if (state_ != BreakerState::open || now < retry_at_) return false;
    state_ = BreakerState::half_open;
    return true;
  }

  // A whole response. True when this closed the breaker.
  bool on_success() {
    const bool closes = state_ != BreakerState::closed;
    state_ = BreakerState::closed;
    failures_ = 0;
    pause_ = first_pause_;
    return closes;
  }

  // A request without a whole response. True when this opened the breaker.
  bool on_failure(MonotonicTime now) {
    if (state_ == BreakerState::open) return false;
    if (state_ == BreakerState::closed && ++failures_ < failures_to_open_) return false;
    open(now);
    return true;
  }

  // The target cannot be connected to. True when the breaker was not open before.
  bool on_dead(MonotonicTime now) {
    if (state_ == BreakerState::open) return false;
    open(now);
    return true;
  }

 private:
  void open(MonotonicTime now) {
    pause_ = state_ == BreakerState::half_open ? std::min(pause_ * 2, pause_max_) : first_pause_;
    state_ = BreakerState::open;
    failures_ = 0;
    retry_at_ = now + pause_;
  }

  unsigned failures_to_open_;
  Nanoseconds first_pause_;
  Nanoseconds pause_max_;
  Nanoseconds pause_;
  BreakerState state_ = BreakerState::closed;
  unsigned failures_ = 0;
  MonotonicTime retry_at_{};
};

}  // namespace understudy
