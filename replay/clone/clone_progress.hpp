// The state of a running clone, written by those who copy and read by those who watch.
//
// Thread safety: any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "replay/environment/clone_payloads.hpp"
#include "traffic/base/clock.hpp"

namespace understudy {

class CloneProgress {
 public:
  static constexpr std::size_t errors_max = 1000;

  // Accepted, and started now. The clock outlives the object.
  CloneProgress(std::string id, const Clock& clock);

  [[nodiscard]] CloneState state() const;

  // Changes it under the lock, as in `progress.update([](CloneState& state) { ++state.objects.copied; })`, and notes
  // the time. Do nothing slow in it. A final status ends every wait and is kept: later changes of `status` are undone.
  template <typename Change>
  void update(Change&& change) {
    const std::lock_guard lock(mutex_);
    const CloneStatus before = state_.status;
    change(state_);
    changed(before);
  }
  void set_status(CloneStatus status);
  // One line, without secrets; those after errors_max are dropped.
  void add_error(std::string_view text);

  // Until the status is final or so much time has passed (real time, for GET /clone/{Id}?wait=20).
  [[nodiscard]] CloneState wait_until_final(Nanoseconds timeout) const;

 private:
  void changed(CloneStatus before);
  [[nodiscard]] std::string now() const;

  const Clock& clock_;
  mutable std::mutex mutex_;  // guards state_
  mutable std::condition_variable final_;
  CloneState state_;
};

}  // namespace understudy
