// Requests from outside to stop or to reload, turned into something that a thread can wait for.
//
// On Linux: SIGINT and SIGTERM ask to stop, a second one to stop at once; SIGHUP asks to reload. The handlers only set
// flags and write one byte to a pipe. SIGPIPE is ignored, so that a closed peer is an error of write() and not the end
// of the program.
//
// On Windows: Ctrl-C, Ctrl-Break, closing the console, logging off and shutting down ask to stop, a second one to stop
// at once. After the last three Windows ends the program as soon as their handler returns, so it does not return:
// main() does, within the seconds that Windows gives. A service's manager asks by ask().
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
// Thread safety: one thread waits; stop_requested() and ask() may be called from any.
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

  // Asks for a stop or a reload, as the signal for it does: for a service's manager. What is
  // asked before install() is kept for it.
  static void ask(ControlEvent event);

 private:
  ControlSignals() = default;
};

}  // namespace understudy
