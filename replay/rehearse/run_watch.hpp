// Polls an environment's health while a run is measured, on a thread of its own, and says when the run has to stop.
//
// Thread safety: the functions may be called from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "replay/environment/environment_client.hpp"
#include "replay/environment/environment_watch.hpp"
#include "replay/environment/pause.hpp"
#include "traffic/base/clock.hpp"

namespace understudy {

class RunWatch {
 public:
  // Begins to poll. `build` is what the rehearsal began with. Clock outlives it.
  RunWatch(EnvironmentOptions options, HealthPayload build, EnvironmentWatchOptions watch, Nanoseconds interval,
           const Clock& clock);
  // Ends the thread; a poll under way is waited for, up to its time-out.
  ~RunWatch();
  RunWatch(const RunWatch&) = delete;
  RunWatch& operator=(const RunWatch&) = delete;

  [[nodiscard]] WatchState state() const { return state_.load(); }
  // Why the run has to stop: maintenance, an unfit environment, another build; nothing while it may go on.
  [[nodiscard]] std::optional<std::string> stop_reason() const;

 private:
  void poll();

  EnvironmentOptions options_;
  const Clock& clock_;
  const Nanoseconds interval_;
  EnvironmentWatch watch_;  // the thread's
  std::atomic<WatchState> state_{WatchState::running};
  mutable std::mutex mutex_;
  std::condition_variable ending_;
  bool is_ending_ = false;
  std::string reason_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace understudy
