// The middleware's own thread: writes messages to the child, reads what it gives back, and starts it again when it
// ends.
//
// Thread safety: run() is the thread; nothing else is called.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "traffic/middleware/middleware_child.hpp"
#include "traffic/middleware/middleware_inbox.hpp"

namespace understudy {

class MiddlewareLoop {
 public:
  // The inbox and the clock outlive it.
  MiddlewareLoop(MiddlewareOptions options, std::unique_ptr<MiddlewareChild> child, MiddlewareInbox& inbox,
                 const Clock& clock);

  // Returns when the inbox is stopped. What is under way then is unjudged.
  void run();

 private:
  struct Pending {
    std::string key;  // type and id
    std::size_t bytes = 0;
    MonotonicTime due;
    std::function<void(MiddlewareVerdict, std::string_view)> done;
  };
  using PendingList = std::list<Pending>;  // in the order of their due times

  [[nodiscard]] static std::string key_of(GorType type, std::string_view id);
  void step();
  void take_messages();
  void encode(MiddlewareMessage message);
  void write();
  void read();
  void take_line(std::string_view line);
  void read_child_log();
  void expire();
  void child_ended();
  void restart();
  void settle(const std::function<void(MiddlewareVerdict, std::string_view)>& done, std::size_t bytes,
              MiddlewareVerdict verdict, std::string_view result);
  void give_up_all();
  void tell(const std::string& text) const;
  [[nodiscard]] Nanoseconds wait_time() const;
  // The clock's time without what callbacks took: then nothing was read, and no message is late for it.
  [[nodiscard]] MonotonicTime now() const { return clock_.monotonic_now() - in_callbacks_; }
  [[nodiscard]] bool is_stuck(MonotonicTime time) const;

  struct Queued {
    MiddlewareMessage message;
    MonotonicTime due;
  };

  const MiddlewareOptions options_;
  std::unique_ptr<MiddlewareChild> child_;  // null between two of them
  MiddlewareInbox& inbox_;
  const Clock& clock_;
  std::deque<Queued> queued_;  // taken from the inbox, not written
  std::string to_child_;       // encoded, not written
  std::size_t written_ = 0;    // of to_child_
  std::string from_child_;     // a line that is not whole
  std::string log_;            // the same of standard error
  bool skips_line_ = false;    // the line in progress is too long
  PendingList pending_;        // written, not answered
  std::unordered_multimap<std::string, PendingList::iterator> by_key_;
  std::optional<MonotonicTime> restart_at_;
  MonotonicTime moved_{};  // when the child last took a byte
  Nanoseconds in_callbacks_{};
};

}  // namespace understudy
