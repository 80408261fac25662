#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "traffic/base/check.hpp"
#include "traffic/base/control_requests.hpp"
#include "traffic/base/shutdown.hpp"

namespace understudy {
namespace {

// What the handlers touch: lock-free atomics and one descriptor, nothing else (signal-safety(7)).
ControlRequests requests;
std::atomic<int> wake_writer{-1};
static_assert(std::atomic<int>::is_always_lock_free);

constexpr std::array<int, 4> handled_signals = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

// State outside the handlers: of the one object there may be.
std::atomic<bool> installed{false};
int wake_reader = -1;
std::array<struct sigaction, handled_signals.size()> previous_actions{};

void wake() {
  const char byte = 0;
  // A full pipe is readable already, so a failed write loses nothing.
  [[maybe_unused]] const auto written = ::write(wake_writer.load(), &byte, 1);
}

void on_signal(int signal) {
  const int saved_errno = errno;
  ControlSignals::ask(signal == SIGHUP ? ControlEvent::reload : ControlEvent::stop);
  errno = saved_errno;
}

void empty_pipe() {
  std::array<char, 64> bytes{};
  while (::read(wake_reader, bytes.data(), bytes.size()) > 0) {
  }
}

}  // namespace

Result<std::unique_ptr<ControlSignals>> ControlSignals::install() {
  CHECK(!installed.exchange(true));
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    const std::error_code reason(errno, std::generic_category());
    installed.store(false);
    return fail(ExitCode::internal,
                "cannot make a pipe for signals: " + reason.message() + "; raise the limit of open files (ulimit -n)");
  }
  wake_reader = ends[0];
  wake_writer.store(ends[1]);
  for (std::size_t i = 0; i < handled_signals.size(); ++i) {
    struct sigaction action {};
    action.sa_handler = handled_signals[i] == SIGPIPE ? SIG_IGN : on_signal;
    action.sa_flags = SA_RESTART;  // libraries' calls go on; whoever must wake waits for the pipe
    sigemptyset(&action.sa_mask);
    CHECK(::sigaction(handled_signals[i], &action, &previous_actions[i]) == 0);
  }
  return std::unique_ptr<ControlSignals>(new ControlSignals);
}

void ControlSignals::ask(ControlEvent event) {
  requests.ask(event);
  wake();
}

ControlSignals::~ControlSignals() {
  for (std::size_t i = 0; i < handled_signals.size(); ++i) {
    ::sigaction(handled_signals[i], &previous_actions[i], nullptr);
  }
  ::close(wake_writer.exchange(-1));
  ::close(wake_reader);
  wake_reader = -1;
  requests.clear();
  installed.store(false);
}

ControlEvent ControlSignals::wait(Nanoseconds timeout) {
  const MonotonicTime deadline = system_clock().monotonic_now() + timeout;
  while (true) {
    empty_pipe();  // before the flags are read: a signal that comes in between makes the pipe readable again
    const ControlEvent event = requests.next();
    const Nanoseconds left = deadline - system_clock().monotonic_now();
    if (event != ControlEvent::none || left <= Nanoseconds::zero()) return event;
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    pollfd entry{wake_reader, POLLIN, 0};
    ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(milliseconds, 3'600'000)));
  }
}

bool ControlSignals::stop_requested() const { return requests.stop_requested(); }

}  // namespace understudy
