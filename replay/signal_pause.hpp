// Ends every wait when somebody asks the program to stop.
#pragma once

#include "replay/environment/pause.hpp"
#include "traffic/base/shutdown.hpp"

namespace understudy {

class SignalPause final : public Pause {
 public:
  // The signals outlive it.
  explicit SignalPause(ControlSignals& signals) : signals_(signals) {}
  [[nodiscard]] bool wait(Nanoseconds time) override;

 private:
  ControlSignals& signals_;
};

}  // namespace understudy
