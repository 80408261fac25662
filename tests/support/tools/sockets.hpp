// The few socket calls that the test tools share: non-blocking TCP over IPv4, and the wall clock.
//
// These are tools of a test bench: a system call that fails at start ends the program with a message. They are kept
// apart from traffic/net on purpose, so that a defect there cannot hide itself from the tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace understudy::tools {

// Owns a file descriptor, or none (-1). Move only.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

struct Ipv4Endpoint {
  std::uint32_t address = 0;  // host byte order
  std::uint16_t port = 0;
};

// "192.0.2.1:80". Ends the program when it is not that.
[[nodiscard]] Ipv4Endpoint parse_endpoint(std::string_view text);

// A non-blocking listener with SO_REUSEADDR. Ends the program when it cannot be had.
[[nodiscard]] FileDescriptor listen_on(const Ipv4Endpoint& endpoint);

// A non-blocking socket whose connect has begun; invalid when the kernel refused at once.
[[nodiscard]] FileDescriptor connect_to(const Ipv4Endpoint& endpoint);

void set_no_delay(int fd);
// The next close sends RST instead of FIN.
void set_reset_on_close(int fd);

// Adds or changes what an epoll instance watches; `tag` comes back in epoll_event::data.
void watch(int epoll_fd, int fd, std::uint32_t events, std::uint64_t tag);
void rewatch(int epoll_fd, int fd, std::uint32_t events, std::uint64_t tag);

// Nanoseconds since the epoch: the clock that packet time stamps use. Monotonic: for pacing and latencies.
[[nodiscard]] std::uint64_t wall_ns();
[[nodiscard]] std::uint64_t monotonic_ns();

// Prints "tool: message (errno)" and ends with 1.
[[noreturn]] void die(const std::string& message);

}  // namespace understudy::tools
