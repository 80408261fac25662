// An HTTP/1.1 server that plays a shadow in good and bad health, and knows what arrived.
//
// One thread, epoll. Its mode can be changed while it runs, through a second port that stays healthy.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tests/support/tools/arrival_book.hpp"
#include "tests/support/tools/request_scanner.hpp"
#include "tests/support/tools/sockets.hpp"

namespace understudy::tools {

// What the server does with a whole request. In each mode it is counted first.
enum class ShadowMode {
  normal,   // answers at once
  slow,     // answers after the delay
  hung,     // reads, never answers
  stalled,  // accepts, never reads, so that the sender's socket fills
  reset,    // breaks the connection with RST
  garbage,  // answers with bytes that are no HTTP
  refused,  // does not listen; open connections are reset
};

class ShadowServer {
 public:
  ShadowServer(const Ipv4Endpoint& service, const Ipv4Endpoint& control);
  void set_mode(ShadowMode mode) { apply_mode(mode); }
  void set_delay_ms(std::uint64_t delay_ms) { delay_ms_ = delay_ms; }

  // Serves until `stop` becomes non-zero.
  void run(const volatile int& stop);

 private:
  struct Connection {
    FileDescriptor fd;
    RequestScanner scanner;
    std::string out;           // bytes not yet taken by the socket
    std::uint32_t serial = 0;  // tells a reused descriptor from its predecessor
    bool control = false;
    bool close_after = false;
    bool write_watched = false;
  };
  struct DelayedAnswer {
    std::uint64_t due_ns;
    int fd;
    std::uint32_t serial;
  };

  void apply_mode(ShadowMode mode);
  void accept_all(int listener, bool control);
  void read_from(Connection& connection);
  bool take_bytes(Connection& connection, std::string_view bytes);
  bool answer(Connection& connection);
  bool answer_control(Connection& connection);
  std::string control_body(std::string_view target);
  void answer_delayed();
  [[nodiscard]] int wait_ms() const;
  bool flush(Connection& connection);
  void drop(int fd);

  FileDescriptor epoll_;
  Ipv4Endpoint service_;
  FileDescriptor service_listener_;
  FileDescriptor control_listener_;
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
  std::deque<DelayedAnswer> delayed_;
  ArrivalBook book_;
  ShadowMode mode_ = ShadowMode::normal;
  std::uint64_t delay_ms_ = 1000;
  std::uint64_t accepted_ = 0;
  std::uint64_t open_ = 0;
  std::uint64_t open_max_ = 0;
  std::uint32_t next_serial_ = 0;
  unsigned status_ = 200;
};

// From its name as in the enumeration. False when there is none.
[[nodiscard]] bool parse_mode(std::string_view name, ShadowMode& mode);

}  // namespace understudy::tools
