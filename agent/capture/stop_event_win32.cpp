#include <windows.h>

#include "agent/capture/stop_event.hpp"
#include "traffic/base/system_error.hpp"

namespace understudy {

Result<std::unique_ptr<StopEvent>> StopEvent::create() {
  constexpr BOOL resets_by_hand = TRUE;
  const HANDLE event = ::CreateEventW(nullptr, resets_by_hand, FALSE, nullptr);
  if (event == nullptr) {
    return fail(ExitCode::internal, "cannot make an event to stop by: " + SystemError::last().text());
  }
  return std::unique_ptr<StopEvent>(new StopEvent(event, event));
}

StopEvent::~StopEvent() { ::CloseHandle(waited_for_); }

void StopEvent::request() {
  requested_.store(true, std::memory_order_relaxed);
  ::SetEvent(signalled_);
}

}  // namespace understudy
