// A server on loopback that behaves as a test tells it, for what real servers cannot be made to do: hang, reset in the
// middle, answer garbage, close at once.
//
//   ScriptedServer server([](Conversation& conversation) {
//     while (conversation.read_request()) conversation.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
//   });
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace understudy {

// One accepted connection, used by its own thread.
class Conversation {
 public:
  // `number` counts the server's connections from 0.
  Conversation(int descriptor, unsigned number) : descriptor_(descriptor), number_(number) {}

  [[nodiscard]] unsigned number() const { return number_; }
  // The next request: its head, and a body of Content-Length. Nothing when the client has closed.
  [[nodiscard]] std::optional<std::string> read_request();
  // Whatever has arrived or arrives next; empty when the client has closed.
  [[nodiscard]] std::string read_bytes();
  // Until the client has closed or the server is destroyed.
  void wait_for_close();
  void write(std::string_view bytes) const;
  // Ends the connection by RST.
  void reset();

 private:
  [[nodiscard]] bool read_more();

  int descriptor_;
  unsigned number_;
  std::string buffer_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(Conversation&)>;

  // The script runs in a thread for each connection, which is closed when it returns.
  explicit ScriptedServer(Script script);
  // Shuts all connections down and joins their threads.
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] unsigned connections() const { return connections_.load(); }

 private:
  void accept_all();

  Script script_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<unsigned> connections_{0};
  std::atomic<bool> ending_{false};
  std::mutex mutex_;  // guards the two below
  std::vector<int> descriptors_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace understudy
