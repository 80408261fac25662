#include "traffic/middleware/middleware_process.hpp"

#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include "traffic/middleware/middleware_loop.hpp"

namespace understudy {

class MiddlewareProcess::Impl {
 public:
  Impl(MiddlewareOptions options, std::unique_ptr<MiddlewareChild> child, const Clock& clock)
      : inbox_(options), loop_(std::move(options), std::move(child), inbox_, clock), clock_(clock) {
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~Impl() {
    inbox_.stop();
    if (thread_.joinable()) thread_.join();
  }

  MiddlewareInbox& inbox() { return inbox_; }

  bool submit_when_room(MiddlewareMessage&& message) {
    std::optional<MonotonicTime> give_up_at;
    while (true) {
      const MiddlewareInbox::Room room = inbox_.room_for(message.bytes.size());
      if (room == MiddlewareInbox::Room::some || room == MiddlewareInbox::Room::full) child_stays_away_.store(false);
      if (room == MiddlewareInbox::Room::no_child) {
        const MonotonicTime now = clock_.monotonic_now();
        if (!give_up_at) give_up_at = now + restart_patience;
        if (now >= *give_up_at) child_stays_away_.store(true);
      }
      const bool waits =
          room == MiddlewareInbox::Room::full || (room == MiddlewareInbox::Room::no_child && !child_stays_away_.load());
      if (!waits) return inbox_.put(std::move(message));
      std::this_thread::sleep_for(step_);
    }
  }

  void finish(MonotonicTime deadline) {
    inbox_.close();
    while (inbox_.under_way() != 0 && clock_.monotonic_now() < deadline) std::this_thread::sleep_for(step_);
  }

  void drain(MonotonicTime deadline) {
    finish(deadline);
    inbox_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  // The loop's own thread calls the callbacks, and they may take long; so who waits for it only looks, this often.
  static constexpr auto step_ = std::chrono::milliseconds(2);

  MiddlewareInbox inbox_;
  MiddlewareLoop loop_;
  const Clock& clock_;
  std::atomic<bool> child_stays_away_{false};
  std::thread thread_;
};

Result<std::unique_ptr<MiddlewareProcess>> MiddlewareProcess::start(MiddlewareOptions options, const Clock& clock) {
  if (options.command.empty()) return fail(ExitCode::configuration, "the middleware's command is empty");
  auto child = MiddlewareChild::start(options.command);
  if (!child) return tl::unexpected(child.error());
  return std::unique_ptr<MiddlewareProcess>(
      new MiddlewareProcess(std::make_unique<Impl>(std::move(options), std::move(*child), clock)));
}

MiddlewareProcess::MiddlewareProcess(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MiddlewareProcess::~MiddlewareProcess() = default;

bool MiddlewareProcess::submit(MiddlewareMessage&& message) { return impl_->inbox().put(std::move(message)); }
bool MiddlewareProcess::submit_when_room(MiddlewareMessage&& message) {
  return impl_->submit_when_room(std::move(message));
}
void MiddlewareProcess::finish(MonotonicTime deadline) { impl_->finish(deadline); }
void MiddlewareProcess::drain(MonotonicTime deadline) { impl_->drain(deadline); }
MiddlewareCounts MiddlewareProcess::counts() const { return impl_->inbox().counts(); }

}  // namespace understudy
