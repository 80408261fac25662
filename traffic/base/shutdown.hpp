// Requests from outside to stop or to reload, turned into something that a thread can wait for.
//
// On Linux: SIGINT and SIGTERM ask to stop, a second one to stop at once; SIGHUP asks to reload. The handlers only set
// flags and write one byte to a pipe. SIGPIPE is ignored, so that a closed peer is an error of write() and not the end
// of the program.
//
//   auto signals = ControlSignals::install();
//   while (true) {
//     switch ((*signals)->wait(std::chrono::seconds(1))) { case ControlEvent::stop: ... }
//   }
#pragma once

#include <memory>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

enum class ControlEvent {
  none,      // the wait ran out
  reload,    // read the configuration again
  stop,      // drain and end
  stop_now,  // asked to stop a second time: end without draining
};

// There is at most one in a process at a time (CHECKed). Destruction restores the handlers that were there before.
//
// Thread safety: one thread waits; stop_requested() may be called from any.
class ControlSignals {
 public:
  [[nodiscard]] static Result<std::unique_ptr<ControlSignals>> install();
  ~ControlSignals();
  ControlSignals(const ControlSignals&) = delete;
  ControlSignals& operator=(const ControlSignals&) = delete;

  // Waits until something is asked or `timeout` has passed. Each request is told once; stops come before reloads, and
  // several reloads before a wait are one.
  [[nodiscard]] ControlEvent wait(Nanoseconds timeout);

  // True from the first request to stop on. Cheap enough for every turn of a loop.
  [[nodiscard]] bool stop_requested() const;

  // Readable when wait() would return at once: for those who wait in a loop of their own. Owned by this object.
  [[nodiscard]] int wake_descriptor() const;

 private:
  ControlSignals() = default;
  [[nodiscard]] ControlEvent next();

  unsigned stops_told_ = 0;
};

}  // namespace understudy
