// A child process with pipes to its standard input, output and error. One source file per platform.
//
// It leads a process group of its own, so that a Ctrl-C at the terminal does not end it before this program is done
// with it, and so that what it started ends with it (on Windows by a job object, which ends with this program at the
// latest). Thread safety: one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/base/native_handle.hpp"

namespace understudy {

class MiddlewareChild {
 public:
  // What read() and write() did.
  enum class Transfer : std::uint8_t {
    some,    // bytes were moved
    later,   // none can be moved now
    closed,  // the child closed its end
  };

  // Starts arguments[0], found by PATH, with these arguments and this program's environment and user. No shell is
  // involved. ExitCode::configuration when it cannot be started. REQUIRES: not empty.
  [[nodiscard]] static Result<std::unique_ptr<MiddlewareChild>> start(const std::vector<std::string>& arguments);
  // Ends what is left of the process group: SIGTERM (on Windows Ctrl-Break, where there is a console), and by force
  // after a second.
  ~MiddlewareChild();
  MiddlewareChild(const MiddlewareChild&) = delete;
  MiddlewareChild& operator=(const MiddlewareChild&) = delete;

  // Takes what the pipe takes of `bytes` off their front. Never waits. A closed pipe raises no signal in a thread that
  // blocks SIGPIPE (block_pipe_signal).
  [[nodiscard]] Transfer write_input(std::string_view& bytes);
  // Tells the child that no more input comes.
  void close_input();
  // Appends what is there. Never waits.
  [[nodiscard]] Transfer read_output(std::string& out);
  [[nodiscard]] Transfer read_errors(std::string& out);

  // Waits until output or errors can be read, input can be written (if that is wanted), `wake` is woken, or the time is
  // over.
  void wait(bool wants_to_write, NativeHandle wake, Nanoseconds timeout) const;

  // How it ended, in words: "it ended with exit code 1". Waits for it, not longer than a second.
  [[nodiscard]] std::string end_text();

 private:
  class Impl;

  explicit MiddlewareChild(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// From now on writing to a pipe that nobody reads is an error in this thread, not a signal. Windows has none.
void block_pipe_signal();

// What one thread waits for and others wake it by: a pipe, an event on Windows.
class WakeEvent {
 public:
  WakeEvent();
  ~WakeEvent();
  WakeEvent(const WakeEvent&) = delete;
  WakeEvent& operator=(const WakeEvent&) = delete;

  [[nodiscard]] NativeHandle handle() const { return waited_for_; }
  // Any thread.
  void wake() const;
  // Forgets that it was woken.
  void clear() const;
  // Waits until it is woken, or the time is over.
  void wait(Nanoseconds timeout) const;

 private:
  NativeHandle waited_for_ = no_handle;
  NativeHandle signalled_ = no_handle;  // the pipe's other end; on Windows the same event
};

}  // namespace understudy
