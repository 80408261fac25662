#include <windows.h>

#include <algorithm>
#include <atomic>

#include "traffic/base/check.hpp"
#include "traffic/base/control_requests.hpp"
#include "traffic/base/shutdown.hpp"
#include "traffic/base/system_error.hpp"

namespace understudy {
namespace {

ControlRequests requests;
std::atomic<bool> installed{false};
// Signalled by each request. Kept until the process ends: the system's thread may be in the handler at any moment.
std::atomic<HANDLE> wake_event{nullptr};

// Runs in a thread that the system makes.
BOOL WINAPI on_console_event(DWORD event) {
  ControlSignals::ask(ControlEvent::stop);
  if (event == CTRL_CLOSE_EVENT || event == CTRL_LOGOFF_EVENT || event == CTRL_SHUTDOWN_EVENT) {
    ::Sleep(INFINITE);  // until main() returns, or the system's patience ends
  }
  return TRUE;
}

}  // namespace

Result<std::unique_ptr<ControlSignals>> ControlSignals::install() {
  CHECK(!installed.exchange(true));
  if (wake_event.load() == nullptr) wake_event.store(::CreateEventW(nullptr, FALSE, FALSE, nullptr));
  // A parent may have had Ctrl-C ignored, which is inherited; asking for the default ends that.
  ::SetConsoleCtrlHandler(nullptr, FALSE);
  if (wake_event.load() == nullptr || ::SetConsoleCtrlHandler(on_console_event, TRUE) == 0) {
    const std::string reason = SystemError::last().text();
    installed.store(false);
    return fail(ExitCode::internal, "cannot ask Windows for console events: " + reason);
  }
  return std::unique_ptr<ControlSignals>(new ControlSignals);
}

ControlSignals::~ControlSignals() {
  ::SetConsoleCtrlHandler(on_console_event, FALSE);
  requests.clear();
  installed.store(false);
}

void ControlSignals::ask(ControlEvent event) {
  requests.ask(event);
  if (const HANDLE wake = wake_event.load(); wake != nullptr) ::SetEvent(wake);
}

ControlEvent ControlSignals::wait(Nanoseconds timeout) {
  const MonotonicTime deadline = system_clock().monotonic_now() + timeout;
  while (true) {
    const ControlEvent event = requests.next();
    const Nanoseconds left = deadline - system_clock().monotonic_now();
    if (event != ControlEvent::none || left <= Nanoseconds::zero()) return event;
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    ::WaitForSingleObject(wake_event.load(), static_cast<DWORD>(std::min<std::int64_t>(milliseconds, 3'600'000)));
  }
}

bool ControlSignals::stop_requested() const { return requests.stop_requested(); }

}  // namespace understudy
