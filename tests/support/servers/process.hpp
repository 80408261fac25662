// Programs that a test starts, folders that it makes, ports that it takes, and conditions that it waits for. All of it
// is gone when the objects are.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace understudy {

// Polls until the condition holds, up to a limit that only a failure reaches. False: it never held.
[[nodiscard]] bool eventually(const std::function<bool()>& condition,
                              std::chrono::milliseconds limit = std::chrono::seconds(20));

// A TCP port of 127.0.0.1 that nobody listens on at the moment.
[[nodiscard]] std::uint16_t unused_port();

// Whether something accepts connections on 127.0.0.1:port.
[[nodiscard]] bool accepts_connections(std::uint16_t port);

// Connects to 127.0.0.1:port, sends `question`, and returns what comes back until the server closes. Throws when that
// takes more than 20 s or the connection breaks.
[[nodiscard]] std::string ask(std::uint16_t port, std::string_view question);

class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return (path_ / name).string(); }
  // Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& content) const;
  // The content of a file; empty where there is none.
  [[nodiscard]] std::string read(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

// A child process with its output in a file. Ended by SIGTERM, then SIGKILL, on destruction.
class ChildProcess {
 public:
  ChildProcess(const std::vector<std::string>& arguments, const std::string& output_file);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] bool is_running();
  void end();
  void signal(int number) const;

 private:
  pid_t pid_ = -1;
};

}  // namespace understudy
