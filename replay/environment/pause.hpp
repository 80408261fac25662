// How the environment's client waits: the seam by which tests pass time by hand, and by which a signal ends a wait.
#pragma once

#include "traffic/base/clock.hpp"

namespace understudy {

class Pause {
 public:
  virtual ~Pause() = default;
  // Waits for so long. False, at once or early: whoever waits is to stop, now and at every later call.
  [[nodiscard]] virtual bool wait(Nanoseconds time) = 0;
};

}  // namespace understudy
