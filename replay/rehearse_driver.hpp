// Plays the runs of a rehearsal: each as `understudy-replay run` would, in this process.
//
// Thread safety: one thread.
#pragma once

#include <string>
#include <vector>

#include "replay/options.hpp"
#include "replay/rehearse/plan.hpp"
#include "replay/rehearse/ports.hpp"
#include "traffic/base/shutdown.hpp"

namespace understudy {

class RunDriver final : public ReplayDriver {
 public:
  // Both outlive it.
  RunDriver(const RehearsalPlan& plan, ControlSignals& signals, bool quiet)
      : plan_(plan), signals_(signals), quiet_(quiet) {}

  [[nodiscard]] Result<void> check(const std::string& url) override;
  [[nodiscard]] Result<PlayedRun> play(const PlayOrder& order) override;
  [[nodiscard]] bool stop_requested() const override { return signals_.stop_requested(); }

 private:
  [[nodiscard]] Result<ReplayOptions> options_for(const std::string& url, const std::vector<std::string>& extra) const;

  const RehearsalPlan& plan_;
  ControlSignals& signals_;
  const bool quiet_;
};

// The options of `run` that a plan makes, against one of its URLs. Errors name the flag.
[[nodiscard]] Result<ReplayOptions> planned_run(const RehearsalPlan& plan, const std::string& url,
                                                const std::vector<std::string>& extra);

}  // namespace understudy
