// Lets stop() end a wait in poll(2).
#pragma once

#include <atomic>
#include <memory>

#include "traffic/base/error.hpp"

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
  // Readable once requested. Owned by this object.
  [[nodiscard]] int descriptor() const { return reader_; }

 private:
  StopEvent(int reader, int writer) : reader_(reader), writer_(writer) {}

  const int reader_;
  const int writer_;
  std::atomic<bool> requested_{false};
};

}  // namespace understudy
