#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "agent/capture/stop_event.hpp"

namespace understudy {

Result<std::unique_ptr<StopEvent>> StopEvent::create() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return fail(ExitCode::internal, "cannot make a pipe: " + std::generic_category().message(errno) +
                                        "; raise the limit of open files (ulimit -n)");
  }
  return std::unique_ptr<StopEvent>(new StopEvent(ends[0], ends[1]));
}

StopEvent::~StopEvent() {
  ::close(waited_for_);
  ::close(signalled_);
}

void StopEvent::request() {
  const int saved_errno = errno;
  requested_.store(true, std::memory_order_relaxed);
  const char byte = 0;
  // Nothing empties the pipe: once readable it stays so. A full pipe is readable already.
  [[maybe_unused]] const auto written = ::write(signalled_, &byte, 1);
  errno = saved_errno;
}

}  // namespace understudy
