// A child process in a job of its own: what it starts ends with it, and all of them with this program at the latest.
// Windows only. Thread safety: one thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "traffic/base/native_handle.hpp"

namespace understudy {

class WindowsProcess {
 public:
  // Starts arguments[0], found as CreateProcessW finds it, without a shell. "...\cmd.exe /d /s /c COMMAND" goes there
  // as it is, the command in the quotes that /s takes off: a shell has rules of its own. It inherits its
  // standard input, output and error, which must be inheritable, and no other handle. `environment` is a block as
  // CreateProcessW takes it; empty: this program's own. Nothing: GetLastError() says why.
  [[nodiscard]] static std::optional<WindowsProcess> start(const std::vector<std::string>& arguments,
                                                           std::array<NativeHandle, 3> streams,
                                                           std::wstring environment = {});
  WindowsProcess(WindowsProcess&& other) noexcept;
  WindowsProcess& operator=(WindowsProcess&&) = delete;
  WindowsProcess(const WindowsProcess&) = delete;
  WindowsProcess& operator=(const WindowsProcess&) = delete;
  // Ends what is left of the job.
  ~WindowsProcess();

  // Whether it ends within that time.
  [[nodiscard]] bool wait(unsigned long milliseconds) const;
  // REQUIRES: it has ended.
  [[nodiscard]] unsigned long exit_code() const;
  // Ctrl-Break, which reaches it where this program has a console.
  void ask_to_end() const;
  // By force, with all that it started.
  void end() const;

 private:
  WindowsProcess(NativeHandle handle, NativeHandle job, unsigned long id) : handle_(handle), job_(job), id_(id) {}

  NativeHandle handle_;
  NativeHandle job_;
  unsigned long id_;  // also that of its process group
};

}  // namespace understudy
