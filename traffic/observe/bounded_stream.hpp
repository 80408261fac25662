// One connection of a control server, bounded in time and in bytes.
//
// cpp-httplib limits each read and write, but not their sum: a client that sends a byte a second would hold a thread
// for hours. This stream has one deadline for all that it reads, one for all that it writes, which begins when the
// answer does, and one limit for the bytes that it reads.
#pragma once

#include <httplib.h>

#include <array>
#include <atomic>
#include <cstddef>

#include "traffic/base/clock.hpp"
#include "traffic/base/native_socket.hpp"

namespace understudy {

class BoundedStream : public httplib::Stream {
 public:
  struct Limits {
    Nanoseconds time{};  // to read the request, and again to write the answer
    std::size_t bytes_read_max = 0;
  };

  // Borrows the socket, which the caller closes, and makes it non-blocking. Reads and writes fail from the moment that
  // `stopping` is true.
  BoundedStream(socket_t socket, Limits limits, const std::atomic<bool>& stopping);

  [[nodiscard]] bool is_readable() const override;
  [[nodiscard]] bool is_writable() const override;
  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  [[nodiscard]] socket_t socket() const override;

  // Ends the connection so that the client gets all that was written, even if it sent more than was read.
  void finish();

 private:
  [[nodiscard]] bool wait_for(SocketEvent event) const;

  socket_t socket_;
  const Nanoseconds time_;
  MonotonicTime deadline_;
  bool is_answering_ = false;
  std::size_t bytes_left_;
  const std::atomic<bool>& stopping_;
  std::array<char, 2048> buffer_{};  // httplib reads byte by byte
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace understudy
