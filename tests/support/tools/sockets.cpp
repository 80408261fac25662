#include "tests/support/tools/sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace understudy::tools {
namespace {

sockaddr_in to_sockaddr(const Ipv4Endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  address.sin_addr.s_addr = htonl(endpoint.address);
  return address;
}

std::uint64_t clock_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

void set_option(int fd, int level, int option, int value) { setsockopt(fd, level, option, &value, sizeof value); }

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void FileDescriptor::reset() {
  if (fd_ >= 0) {
    close(fd_);
  }
  fd_ = -1;
}

Ipv4Endpoint parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  Ipv4Endpoint endpoint;
  in_addr address{};
  if (colon == std::string_view::npos ||
      inet_pton(AF_INET, std::string(text.substr(0, colon)).c_str(), &address) != 1 ||
      std::from_chars(text.data() + colon + 1, text.data() + text.size(), endpoint.port).ec != std::errc{}) {
    die("not an IPv4 address with a port: " + std::string(text));
  }
  endpoint.address = ntohl(address.s_addr);
  return endpoint;
}

FileDescriptor listen_on(const Ipv4Endpoint& endpoint) {
  FileDescriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  const sockaddr_in address = to_sockaddr(endpoint);
  if (!fd.valid() || bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd.get(), 4096) != 0) {
    die("cannot listen on port " + std::to_string(endpoint.port));
  }
  return fd;
}

FileDescriptor connect_to(const Ipv4Endpoint& endpoint) {
  FileDescriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_in address = to_sockaddr(endpoint);
  if (!fd.valid() ||
      (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS)) {
    return {};
  }
  set_no_delay(fd.get());
  return fd;
}

void set_no_delay(int fd) { set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1); }

void set_reset_on_close(int fd) {
  const linger option{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &option, sizeof option);
}

void watch(int epoll_fd, int fd, std::uint32_t events, std::uint64_t tag) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
    die("cannot watch a descriptor");
  }
}

void rewatch(int epoll_fd, int fd, std::uint32_t events, std::uint64_t tag) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event);
}

std::uint64_t wall_ns() { return clock_ns(CLOCK_REALTIME); }
std::uint64_t monotonic_ns() { return clock_ns(CLOCK_MONOTONIC); }

void die(const std::string& message) {
  const int error = errno;
  std::fprintf(stderr, "%s: %s (%s)\n", program_invocation_short_name, message.c_str(), std::strerror(error));
  std::exit(1);
}

}  // namespace understudy::tools
