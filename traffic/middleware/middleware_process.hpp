// A program of the user's through which messages pass: GoReplay's middleware protocol, so that existing middleware
// works unchanged.
//
//   callers --submit--> queue --> child's stdin    one message a line: hexadecimal of META, a line end, the message
//                                 child's stdout --> what it gives back, in any order, changed or not
//                                 child's stderr --> log
//
// A message that the child does not give back within answer_max of its being written is one that it omitted; time that
// the callbacks take does not count. A child that ends is started again after restart_pause. A message that could not
// be judged (no child, the child ended, it was not written within answer_max) comes back as `unjudged`, and the caller
// lets it pass or not. A message without a callback is only shown: it is done with when it is written.
//
// Nothing here makes a caller wait, apart from submit_when_room(). Bounds: messages_max and bytes_max of messages that
// were submitted and have not come back; beyond them submit() refuses.
//
// Thread safety: submit() and counts() from any thread. They take a lock: what goes to another program by text pays far
// more than that. Callbacks are called on the process's own thread, one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/recording/gor_format.hpp"

namespace understudy {

struct MiddlewareOptions {
  std::vector<std::string> command;  // the program, found by PATH, and its arguments. No shell is involved
  std::size_t messages_max = 10'000;
  std::size_t bytes_max = std::size_t{32} << 20U;         // of messages; twice as much as text
  std::size_t message_bytes_max = std::size_t{8} << 20U;  // a larger one is refused
  Nanoseconds answer_max = std::chrono::seconds(2);
  Nanoseconds restart_pause = std::chrono::seconds(1);
  // For messages of a file: they wait to be written for as long as the child takes any.
  bool patient = false;
  // A line of the child's standard error, and what happened to the child, for the log. May be empty.
  std::function<void(std::string_view line)> on_child_log;
  std::function<void(const std::string& text)> on_trouble;
};

enum class MiddlewareVerdict : std::uint8_t {
  returned,  // the child gave it back; the bytes are what it gave
  omitted,   // the child did not give it back in time
  unjudged,  // the child did not get it, or ended before it answered
};

struct MiddlewareMessage {
  std::string id;  // unique among requests that are under way; a response has its request's
  GorType type = GorType::request;
  WallTime start;
  Nanoseconds latency{0};
  std::string bytes;  // the message as it was on the wire
  // Called exactly once, unless submit() refused. `bytes` are the message's as the child gave them; empty for the other
  // verdicts. Empty: nobody wants to know, and what the child gives back of it is not looked at.
  std::function<void(MiddlewareVerdict verdict, std::string_view bytes)> done;
};

struct MiddlewareCounts {
  std::uint64_t submitted = 0;  // taken by submit()
  std::uint64_t refused = 0;    // by submit(): over a limit, or no child at the moment
  std::uint64_t returned = 0;
  std::uint64_t omitted = 0;
  std::uint64_t unjudged = 0;
  std::uint64_t shown = 0;       // messages without a callback that were written
  std::uint64_t unknown = 0;     // requests that are not under way: made up by the child, or too late
  std::uint64_t unreadable = 0;  // lines that are not of the protocol
  std::uint64_t restarts = 0;
  bool running = false;
};

class MiddlewareProcess {
 public:
  // Starts the child and its thread. ExitCode::configuration when the child cannot be started. The clock outlives it.
  [[nodiscard]] static Result<std::unique_ptr<MiddlewareProcess>> start(MiddlewareOptions options,
                                                                        const Clock& clock = system_clock());
  // Ends the child. What is under way is unjudged.
  ~MiddlewareProcess();
  MiddlewareProcess(const MiddlewareProcess&) = delete;
  MiddlewareProcess& operator=(const MiddlewareProcess&) = delete;

  // Takes the message, or refuses it and leaves it as it is: over a limit, no child at the moment, or draining.
  [[nodiscard]] bool submit(MiddlewareMessage&& message);
  // For messages of a file: waits for room, and while a child that ended is started again, so that none passes for want
  // of time. A child that stays away for restart_patience is not waited for again until it is there. False as submit().
  [[nodiscard]] bool submit_when_room(MiddlewareMessage&& message);
  static constexpr Nanoseconds restart_patience = std::chrono::seconds(5);
  // Refuses further messages, and waits until all have come back or until `deadline`. Not from a callback.
  void finish(MonotonicTime deadline);
  // finish(), and ends the child. What is left then is unjudged. Call it once, not from a callback.
  void drain(MonotonicTime deadline);

  [[nodiscard]] MiddlewareCounts counts() const;

 private:
  class Impl;
  explicit MiddlewareProcess(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy
