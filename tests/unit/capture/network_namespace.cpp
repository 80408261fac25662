#include "tests/unit/capture/network_namespace.hpp"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

const sockaddr* generic(const void* address) { return static_cast<const sockaddr*>(address); }

void send_all(int from, int to, const std::string& text) {
  CHECK(::send(from, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  std::string received(text.size(), '\0');
  CHECK(::recv(to, received.data(), received.size(), MSG_WAITALL) == static_cast<ssize_t>(text.size()));
}

}  // namespace

std::string enter_new_network_namespace() {
  // Root needs no user namespace of its own; without one, a user who is not root has no right to a network namespace.
  const int spaces = ::geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWNET | CLONE_NEWUSER;
  if (::unshare(spaces) != 0) {
    return "no network namespace can be made here: " + std::generic_category().message(errno);
  }
  ip("link set lo up");
  return {};
}

void ip(const std::string& arguments) {
  const std::string command = "ip " + arguments;
  CHECK(std::system(command.c_str()) == 0);
}

void send_frame(const std::string& interface, const Bytes& frame, int times) {
  const int descriptor = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  CHECK(descriptor >= 0);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
  for (int i = 0; i < times; ++i) {
    const auto sent = ::sendto(descriptor, frame.data(), frame.size(), 0, generic(&address), sizeof address);
    CHECK(sent == static_cast<ssize_t>(frame.size()));
  }
  ::close(descriptor);
}

LoopbackServer::LoopbackServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  CHECK(::bind(listener_, generic(&address), sizeof address) == 0 && ::listen(listener_, 16) == 0);
  socklen_t size = sizeof address;
  CHECK(::getsockname(listener_, static_cast<sockaddr*>(static_cast<void*>(&address)), &size) == 0);
  port_ = ntohs(address.sin_port);
}

LoopbackServer::~LoopbackServer() { ::close(listener_); }

void LoopbackServer::exchange(const std::string& request, const std::string& response) {
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port_);
  CHECK(::connect(client, generic(&address), sizeof address) == 0);
  const int server = ::accept(listener_, nullptr, nullptr);
  CHECK(server >= 0);
  send_all(client, server, request);
  send_all(server, client, response);
  ::close(client);
  ::close(server);
}

}  // namespace understudy
