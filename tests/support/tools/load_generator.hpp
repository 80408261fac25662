// An open-loop HTTP/1.1 load: requests are due at fixed times, and latency is measured from when a request was due.
//
// One thread, epoll; every wait is bounded by the run's deadline. A connection that breaks is opened anew; its requests
// count as failed and are not sent again.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/tools/request_mix.hpp"
#include "tests/support/tools/sockets.hpp"

namespace understudy::tools {

struct LoadOptions {
  Ipv4Endpoint to;
  std::string host;  // Host field
  std::string mix = "get";
  double rate = 0;  // requests a second; 0: as fast as the connections allow
  std::uint64_t count = 1000;
  std::uint64_t first_id = 0;
  unsigned connections = 64;
  unsigned pipeline = 1;  // requests written together on a connection
  std::uint64_t seed = 1;
  double deadline_seconds = 120;  // for the whole run
  std::string sent_file;          // where the send times go, as 64-bit numbers, one for each id from first_id on
};

class LoadGenerator {
 public:
  explicit LoadGenerator(LoadOptions options);

  // Sends everything, waits for the answers, and returns the result as a JSON object.
  std::string run();

 private:
  struct Pending {
    std::uint64_t id;
    std::uint64_t due_ns;
  };
  struct Slot {
    FileDescriptor fd;
    std::uint32_t serial = 0;
    std::string out;
    std::size_t out_done = 0;
    std::string held_body;  // goes out after 100 Continue
    std::string in;
    std::uint64_t skip = 0;  // bytes of an answer's body still to come
    std::deque<Pending> pending;
    bool own_connection = false;
  };

  void hand_out();
  void give(std::size_t index, std::uint64_t now_ns);
  void write_to(std::size_t index);
  void read_from(std::size_t index);
  bool take_answers(Slot& slot);
  bool take_head(Slot& slot, std::size_t end);
  void answered(Slot& slot);
  void break_off(std::size_t index);
  void release(std::size_t index);
  void wait(int timeout_us);
  [[nodiscard]] std::uint64_t due_of(std::uint64_t sequence) const;
  [[nodiscard]] std::string result_json(double seconds) const;
  void write_sent_file() const;

  LoadOptions options_;
  RequestMix mix_;
  FileDescriptor epoll_;
  std::vector<Slot> slots_;
  std::deque<std::size_t> idle_;
  std::uint64_t start_ns_ = 0;
  std::uint64_t handed_out_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t bad_status_ = 0;
  std::uint64_t reconnects_ = 0;
  std::vector<std::uint64_t> sent_ns_;
  std::vector<std::uint32_t> latency_us_;
};

}  // namespace understudy::tools
