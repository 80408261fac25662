#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "traffic/observe/bounded_stream.hpp"

namespace understudy {
namespace {

constexpr int wait_slice_ms = 100;  // how soon a stop is noticed
constexpr Nanoseconds linger_time = std::chrono::milliseconds(200);
constexpr std::size_t linger_bytes = std::size_t{64} * 1024;

}  // namespace

BoundedStream::BoundedStream(socket_t socket, Limits limits, const std::atomic<bool>& stopping)
    : socket_(socket),
      time_(limits.time),
      deadline_(system_clock().monotonic_now() + limits.time),
      bytes_left_(limits.bytes_read_max),
      stopping_(stopping) {}

bool BoundedStream::wait_for(short events) const {
  while (!stopping_.load(std::memory_order_relaxed)) {
    const Nanoseconds left = deadline_ - system_clock().monotonic_now();
    if (left <= Nanoseconds::zero()) return false;
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    pollfd entry{socket_, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(milliseconds, wait_slice_ms)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  return false;
}

bool BoundedStream::is_readable() const { return begin_ < end_ || wait_for(POLLIN); }

bool BoundedStream::is_writable() const { return wait_for(POLLOUT); }

ssize_t BoundedStream::read(char* to, size_t size) {
  if (begin_ == end_) {
    if (bytes_left_ == 0 || !wait_for(POLLIN)) return -1;
    const ssize_t received = ::recv(socket_, buffer_.data(), std::min(buffer_.size(), bytes_left_), MSG_DONTWAIT);
    if (received <= 0) return received;
    begin_ = 0;
    end_ = static_cast<std::size_t>(received);
    bytes_left_ -= end_;
  }
  const std::size_t given = std::min(size, end_ - begin_);
  std::memcpy(to, buffer_.data() + begin_, given);
  begin_ += given;
  return static_cast<ssize_t>(given);
}

ssize_t BoundedStream::write(const char* from, size_t size) {
  if (!is_answering_) deadline_ = system_clock().monotonic_now() + time_;
  is_answering_ = true;
  std::size_t done = 0;
  while (done < size) {
    if (!wait_for(POLLOUT)) return -1;
    const ssize_t sent = ::send(socket_, from + done, size - done, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return -1;
    if (sent > 0) done += static_cast<std::size_t>(sent);
  }
  return static_cast<ssize_t>(size);
}

// Nothing asks for addresses.
void BoundedStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

void BoundedStream::get_local_ip_and_port(std::string& ip, int& port) const { get_remote_ip_and_port(ip, port); }

// httplib refuses descriptors that select() cannot take. This stream polls, so it hides its number.
socket_t BoundedStream::socket() const { return 0; }

void BoundedStream::finish() {
  ::shutdown(socket_, SHUT_WR);
  // Closing with unread bytes resets the connection and may destroy the answer on its way, so a little is read.
  deadline_ = std::min(deadline_, system_clock().monotonic_now() + linger_time);
  for (std::size_t read = 0; read < linger_bytes && wait_for(POLLIN);) {
    const ssize_t received = ::recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (received <= 0) return;
    read += static_cast<std::size_t>(received);
  }
}

}  // namespace understudy
