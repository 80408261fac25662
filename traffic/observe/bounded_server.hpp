// An HTTP server for control endpoints over cpp-httplib, bounded in threads, connections, bytes and time.
//
// One request a connection. A derived class sets its handlers before start(), and calls end() in its destructor.
//
// Thread safety: start() and end() by one thread; handlers run on the server's threads.
#pragma once

#include <httplib.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

#include "traffic/base/error.hpp"
#include "traffic/observe/bounded_stream.hpp"

namespace understudy {

class BoundedServer : public httplib::Server {
 public:
  struct Limits {
    std::size_t threads = 2;
    std::size_t waiting_max = 16;  // connections that wait for a thread; the kernel's short backlog holds the rest
    std::size_t body_bytes_max = 1024;
    BoundedStream::Limits stream;
  };

  explicit BoundedServer(const Limits& limits);
  ~BoundedServer() override;
  BoundedServer(const BoundedServer&) = delete;
  BoundedServer& operator=(const BoundedServer&) = delete;

  // Listens on "127.0.0.1:9600", "[::1]:9600" or "0.0.0.0:9600"; port 0 picks a free one. Answers from the moment it
  // returns. `what` is served, and `setting` is where the address comes from, for errors: ExitCode::usage for an
  // address that cannot be read, address_in_use, permission.
  [[nodiscard]] Result<void> start(std::string_view address, std::string_view what, std::string_view setting);
  // Closes the socket, breaks off what is being served, and joins the threads: within a fraction of a second, or when
  // the handlers return. Nothing when it does not run.
  void end();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // "http://127.0.0.1:9600".
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] bool is_stopping() const { return stopping_.load(std::memory_order_relaxed); }

 protected:
  // One request and its answer. What is overridden may put a layer of its own, such as TLS, over the stream.
  virtual bool exchange(BoundedStream& stream);
  // "http" or "https", for url().
  [[nodiscard]] virtual std::string_view scheme() const { return "http"; }

 private:
  bool process_and_close_socket(socket_t socket) override;

  const Limits limits_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> accepting_ended_{false};
  std::thread accepting_;
  std::uint16_t port_ = 0;
  std::string url_;
};

}  // namespace understudy
