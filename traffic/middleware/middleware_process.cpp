#include "traffic/middleware/middleware_process.hpp"

#include <condition_variable>
#include <mutex>
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

  void drain(MonotonicTime deadline) {
    inbox_.close();
    // The loop's own thread calls the callbacks, and they may take long; so this one only looks.
    constexpr auto step = std::chrono::milliseconds(2);
    while (inbox_.under_way() != 0 && clock_.monotonic_now() < deadline) std::this_thread::sleep_for(step);
    inbox_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  MiddlewareInbox inbox_;
  MiddlewareLoop loop_;
  const Clock& clock_;
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
void MiddlewareProcess::drain(MonotonicTime deadline) { impl_->drain(deadline); }
MiddlewareCounts MiddlewareProcess::counts() const { return impl_->inbox().counts(); }

}  // namespace understudy
