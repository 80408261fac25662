#include "replay/signal_pause.hpp"

namespace understudy {

bool SignalPause::wait(Nanoseconds time) {
  const MonotonicTime end = system_clock().monotonic_now() + time;
  while (!signals_.stop_requested()) {
    const Nanoseconds left = end - system_clock().monotonic_now();
    if (left.count() <= 0) return true;
    (void)signals_.wait(left);
  }
  return false;
}

}  // namespace understudy
