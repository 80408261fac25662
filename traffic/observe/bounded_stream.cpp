#include "traffic/observe/bounded_stream.hpp"

#include <algorithm>
#include <cstring>

namespace understudy {
namespace {

constexpr Nanoseconds wait_slice = std::chrono::milliseconds(100);  // how soon a stop is noticed
constexpr Nanoseconds linger_time = std::chrono::milliseconds(200);
constexpr std::size_t linger_bytes = std::size_t{64} * 1024;

}  // namespace

BoundedStream::BoundedStream(socket_t socket, Limits limits, const std::atomic<bool>& stopping)
    : socket_(socket),
      time_(limits.time),
      deadline_(system_clock().monotonic_now() + limits.time),
      bytes_left_(limits.bytes_read_max),
      stopping_(stopping) {
  make_non_blocking(socket);
}

bool BoundedStream::wait_for(SocketEvent event) const {
  while (!stopping_.load(std::memory_order_relaxed)) {
    const Nanoseconds left = deadline_ - system_clock().monotonic_now();
    if (left <= Nanoseconds::zero()) return false;
    const SocketWait waited = wait_for_socket(socket_, event, std::min(left, wait_slice));
    if (waited != SocketWait::elapsed) return waited == SocketWait::ready;
  }
  return false;
}

bool BoundedStream::is_readable() const { return begin_ < end_ || wait_for(SocketEvent::readable); }

bool BoundedStream::is_writable() const { return wait_for(SocketEvent::writable); }

ssize_t BoundedStream::read(char* to, size_t size) {
  if (begin_ == end_) {
    if (bytes_left_ == 0 || !wait_for(SocketEvent::readable)) return -1;
    const std::ptrdiff_t received = receive_some(socket_, buffer_.data(), std::min(buffer_.size(), bytes_left_));
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
    if (!wait_for(SocketEvent::writable)) return -1;
    const std::ptrdiff_t sent = send_some(socket_, from + done, size - done);
    if (sent < 0 && !would_block()) return -1;
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
  end_sending(socket_);
  // Closing with unread bytes resets the connection and may destroy the answer on its way, so a little is read.
  deadline_ = std::min(deadline_, system_clock().monotonic_now() + linger_time);
  for (std::size_t read = 0; read < linger_bytes && wait_for(SocketEvent::readable);) {
    const std::ptrdiff_t received = receive_some(socket_, buffer_.data(), buffer_.size());
    if (received <= 0) return;
    read += static_cast<std::size_t>(received);
  }
}

}  // namespace understudy
