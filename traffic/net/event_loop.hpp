// One thread that runs an Asio event loop. All targets of an agent share one: it is "the sender thread".
//
// Ownership: owned by the composition root, and outlives everything that was made with it.
// Thread safety: post() from any thread; the rest from the owner's.
#pragma once

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace understudy {

class EventLoop {
 public:
  // The thread starts with the first post() or run(), so that a program can still give up its privileges after making
  // a loop (the kernel keeps them for each thread). It runs until the object is destroyed. An exception of a handler
  // ends the process with a message.
  EventLoop();
  // Stops the loop and joins its thread. What was posted and has not begun is discarded.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs `work` on the loop's thread, soon. Does not block, apart from the loop's own short lock; a callable of up to
  // two pointers is not allocated for, the loop's record of it is.
  void post(std::function<void()> work);
  // The same, and waits until it has run. REQUIRES: not on the loop's thread.
  void run(const std::function<void()>& work);

  [[nodiscard]] boost::asio::io_context& context();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy
