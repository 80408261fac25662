// A network namespace of the test's own, with nothing in it but loopback.
#pragma once

#include <string>

#include "tests/support/packet_builder.hpp"

namespace understudy {

// Moves the calling process into a new namespace and brings its loopback up. Empty when that worked, else why not.
[[nodiscard]] std::string enter_new_network_namespace();

// Runs `ip` with these arguments. Aborts when it fails.
void ip(const std::string& arguments);

// Sends a frame out of an interface as it is, so many times. Aborts when it cannot.
void send_frame(const std::string& interface, const Bytes& frame, int times = 1);

// One TCP connection to 127.0.0.1 on a free port: `request` goes over, `response` comes back, both sides close.
class LoopbackServer {
 public:
  LoopbackServer();
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void exchange(const std::string& request, const std::string& response);

 private:
  int listener_;
  std::uint16_t port_ = 0;
};

}  // namespace understudy
