// Waits of a clone's threads, which a stop request ends.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

#include "replay/environment/pause.hpp"

namespace understudy {

// Thread safety: any thread.
class StopPause final : public Pause {
 public:
  explicit StopPause(std::stop_token stop) : stop_(std::move(stop)) {}

  bool wait(Nanoseconds time) override {
    std::unique_lock lock(mutex_);
    (void)changed_.wait_for(lock, stop_, time, [] { return false; });
    return !stop_.stop_requested();
  }

 private:
  std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
};

}  // namespace understudy
