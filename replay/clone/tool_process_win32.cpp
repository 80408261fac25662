#include <fmt/format.h>
#include <windows.h>

#include <cwchar>
#include <map>
#include <utility>

#include "replay/clone/tool_process.hpp"
#include "traffic/base/private_file.hpp"
#include "traffic/base/system_error.hpp"
#include "traffic/base/windows_process.hpp"
#include "traffic/base/windows_text.hpp"

namespace understudy {
namespace {

constexpr DWORD poll_pause_ms = 20;
constexpr DWORD kill_pause_ms = 5000;

std::string program_of(const ToolCommand& command) { return command.by_shell ? "cmd.exe" : command.arguments[0]; }

class InheritableHandle {
 public:
  explicit InheritableHandle(HANDLE handle) : handle_(handle == INVALID_HANDLE_VALUE ? nullptr : handle) {
    if (handle_ != nullptr) ::SetHandleInformation(handle_, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
  }
  ~InheritableHandle() {
    if (handle_ != nullptr) ::CloseHandle(handle_);
  }
  InheritableHandle(const InheritableHandle&) = delete;
  InheritableHandle& operator=(const InheritableHandle&) = delete;
  [[nodiscard]] HANDLE get() const { return handle_; }

 private:
  HANDLE handle_;
};

// Windows knows names of variables without their case.
struct LessWithoutCase {
  bool operator()(const std::wstring& left, const std::wstring& right) const {
    return ::_wcsicmp(left.c_str(), right.c_str()) < 0;
  }
};

// This program's environment with the command's on top: names in order, each "NAME=value" and a zero, and one at the
// end.
std::wstring child_environment(const ToolCommand& command) {
  std::map<std::wstring, std::wstring, LessWithoutCase> all;
  wchar_t* const own = ::GetEnvironmentStringsW();
  for (const wchar_t* entry = own; *entry != L'\0'; entry += std::wcslen(entry) + 1) {
    const std::wstring text(entry);
    const std::size_t equals = text.find(L'=', 1);  // names such as "=C:" begin with it
    if (equals != std::wstring::npos) all[text.substr(0, equals)] = text.substr(equals + 1);
  }
  ::FreeEnvironmentStringsW(own);
  for (const auto& [name, value] : command.environment) all[to_wide(name)] = to_wide(value);
  std::wstring block;
  for (const auto& [name, value] : all) {
    block.append(name).append(1, L'=').append(value).append(1, L'\0');
  }
  return block.append(1, L'\0');
}

Result<WindowsProcess> start(const ToolCommand& command) {
  const InheritableHandle output(
      open_private_file(command.output_file, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE, CREATE_ALWAYS));
  if (output.get() == nullptr) {
    return fail(ExitCode::output_failed,
                fmt::format("cannot write '{}': {}", command.output_file, SystemError::last().text()));
  }
  const InheritableHandle input(
      ::CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING, 0, nullptr));
  auto process = WindowsProcess::start(
      command.by_shell ? windows_shell_line(command.arguments[0]) : windows_command_line(command.arguments),
      {input.get(), output.get(), output.get()}, child_environment(command));
  if (process) return std::move(*process);
  return fail(ExitCode::configuration,
              fmt::format("cannot start '{}': {}; is it installed?", program_of(command), SystemError::last().text()));
}

}  // namespace

Result<ToolOutcome> run_tool(const ToolCommand& command, std::stop_token stop) {
  const MonotonicTime begin = system_clock().monotonic_now();
  const Result<WindowsProcess> process = start(command);
  if (!process) return tl::unexpected(process.error());
  while (!process->wait(poll_pause_ms)) {
    if (!stop.stop_requested()) continue;
    process->ask_to_end();
    if (!process->wait(kill_pause_ms)) process->end();
    return fail(ExitCode::aborted, fmt::format("'{}' was ended, as asked", program_of(command)));
  }
  return ToolOutcome{static_cast<int>(process->exit_code()), system_clock().monotonic_now() - begin};
}

}  // namespace understudy
