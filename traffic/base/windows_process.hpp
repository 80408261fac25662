// A child process in a job of its own: what it starts ends with it, and all of them with this program at the latest.
// Windows only. Thread safety: one thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/native_handle.hpp"

namespace understudy {

// The arguments as CommandLineToArgvW() takes them apart again.
[[nodiscard]] std::wstring windows_command_line(const std::vector<std::string>& arguments);
// One command for cmd.exe of the system's folder, which has rules of its own.
[[nodiscard]] std::wstring windows_shell_line(std::string_view command);

class WindowsProcess {
 public:
  // Starts the program of a command line, found as CreateProcessW finds it. It inherits its standard input, output and
  // error, which must be inheritable, and no other handle. `environment` is a block as CreateProcessW takes it; empty:
  // this program's own. Nothing: GetLastError() says why.
  [[nodiscard]] static std::optional<WindowsProcess> start(std::wstring command_line,
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
