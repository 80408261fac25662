#include "replay/rehearse/run_watch.hpp"

#include <utility>

namespace understudy {
namespace {

// Health is asked once and never waited for.
class NoPause final : public Pause {
 public:
  [[nodiscard]] bool wait(Nanoseconds) override { return false; }
};

}  // namespace

RunWatch::RunWatch(EnvironmentOptions options, HealthPayload build, EnvironmentWatchOptions watch, Nanoseconds interval,
                   const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      interval_(interval),
      watch_(build, clock.monotonic_now(), watch),
      thread_([this] { poll(); }) {}

RunWatch::~RunWatch() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  ending_.notify_all();
  thread_.join();
}

void RunWatch::poll() {
  NoPause pause;
  const EnvironmentClient client(options_, clock_, pause);
  std::unique_lock lock(mutex_);
  while (!ending_.wait_for(lock, interval_, [this] { return is_ending_; })) {
    lock.unlock();
    const Result<HealthAnswer> answer = client.health();
    lock.lock();
    const WatchState state = watch_.on_poll(clock_.monotonic_now(), answer);
    // The first reason counts: a run that maintenance has stopped is repeated, whatever comes after.
    if (state_ != WatchState::running || state == WatchState::running) continue;
    reason_ = state == WatchState::paused ? "the environment went into maintenance" : watch_.reason();
    state_ = state;
  }
}

std::optional<std::string> RunWatch::stop_reason() const {
  if (state_ == WatchState::running) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return reason_;
}

}  // namespace understudy
