// Lets stop() end a wait for packets: in poll(2) on POSIX systems, in WaitForMultipleObjects on Windows.
#pragma once

#include <atomic>
#include <memory>

#include "traffic/base/error.hpp"
#include "traffic/base/native_handle.hpp"

namespace understudy {

// Thread safety: any thread. request() is async-signal safe.
class StopEvent {
 public:
  [[nodiscard]] static Result<std::unique_ptr<StopEvent>> create();
  ~StopEvent();
  StopEvent(const StopEvent&) = delete;
  StopEvent& operator=(const StopEvent&) = delete;

  void request();
  [[nodiscard]] bool requested() const { return requested_.load(std::memory_order_relaxed); }
  // Once requested it stays readable (a descriptor), or signalled (an event of Windows). Owned by this object.
  [[nodiscard]] NativeHandle handle() const { return waited_for_; }

 private:
  StopEvent(NativeHandle waited_for, NativeHandle signalled) : waited_for_(waited_for), signalled_(signalled) {}

  const NativeHandle waited_for_;
  const NativeHandle signalled_;  // the pipe's other end; on Windows the same event
  std::atomic<bool> requested_{false};
};

}  // namespace understudy
