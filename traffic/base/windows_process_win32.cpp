#include "traffic/base/windows_process.hpp"

#include <fmt/format.h>
#include <windows.h>

#include <string_view>
#include <utility>

#include "traffic/base/windows_text.hpp"

namespace understudy {
namespace {

// Quotes one argument as CommandLineToArgvW() takes it apart again.
std::string quote_argument(std::string_view argument) {
  std::string out = "\"";
  std::size_t backslashes = 0;
  for (const char c : argument) {
    // Backslashes mean themselves, but in front of a quote.
    if (c == '"') out.append(backslashes + 1, '\\');
    backslashes = c == '\\' ? backslashes + 1 : 0;
    out += c;
  }
  return out.append(backslashes, '\\') + '"';
}

// The handles that a new process inherits, and no others.
class InheritedHandles {
 public:
  explicit InheritedHandles(std::array<HANDLE, 3> handles) : handles_(handles) {
    SIZE_T size = 0;
    ::InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
    storage_.resize(size);
    is_set_ = ::InitializeProcThreadAttributeList(list(), 1, 0, &size) != 0 &&
              ::UpdateProcThreadAttribute(list(), 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(),
                                          sizeof handles_, nullptr, nullptr) != 0;
  }
  ~InheritedHandles() { ::DeleteProcThreadAttributeList(list()); }
  InheritedHandles(const InheritedHandles&) = delete;
  InheritedHandles& operator=(const InheritedHandles&) = delete;

  [[nodiscard]] bool is_set() const { return is_set_; }
  [[nodiscard]] LPPROC_THREAD_ATTRIBUTE_LIST list() {
    return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(storage_.data());
  }

 private:
  std::array<HANDLE, 3> handles_;
  std::vector<char> storage_;
  bool is_set_ = false;
};

// A job that ends every process in it when its last handle is closed, also by the end of this program.
HANDLE make_job() {
  const HANDLE job = ::CreateJobObjectW(nullptr, nullptr);
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  if (job != nullptr) ::SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
  return job;
}

}  // namespace

std::wstring windows_command_line(const std::vector<std::string>& arguments) {
  std::string line;
  for (const std::string& argument : arguments) line += (line.empty() ? "" : " ") + quote_argument(argument);
  return to_wide(line);
}

std::wstring windows_shell_line(std::string_view command) {
  wchar_t folder[MAX_PATH] = L"";
  ::GetSystemDirectoryW(folder, MAX_PATH);
  // It knows its switches without quotes only; /s takes one pair of quotes off the command.
  return to_wide(fmt::format("{} /d /s /c \"{}\"", quote_argument(to_narrow(folder) + "\\cmd.exe"), command));
}

std::optional<WindowsProcess> WindowsProcess::start(std::wstring command_line, std::array<NativeHandle, 3> streams,
                                                    std::wstring environment) {
  InheritedHandles inherited(streams);
  if (!inherited.is_set()) return std::nullopt;
  STARTUPINFOEXW startup{};
  startup.StartupInfo.cb = sizeof startup;
  startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  startup.StartupInfo.hStdInput = streams[0];
  startup.StartupInfo.hStdOutput = streams[1];
  startup.StartupInfo.hStdError = streams[2];
  startup.lpAttributeList = inherited.list();
  // Suspended, so that it is in its job before it can start something itself.
  constexpr DWORD flags =
      CREATE_NEW_PROCESS_GROUP | CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT;
  PROCESS_INFORMATION started{};
  if (::CreateProcessW(nullptr, command_line.data(), nullptr, nullptr, TRUE, flags,
                       environment.empty() ? nullptr : environment.data(), nullptr, &startup.StartupInfo,
                       &started) == 0) {
    return std::nullopt;
  }
  WindowsProcess process(started.hProcess, make_job(), started.dwProcessId);
  if (process.job_ != nullptr) ::AssignProcessToJobObject(process.job_, process.handle_);
  ::ResumeThread(started.hThread);
  ::CloseHandle(started.hThread);
  return process;
}

WindowsProcess::WindowsProcess(WindowsProcess&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), job_(std::exchange(other.job_, nullptr)), id_(other.id_) {}

WindowsProcess::~WindowsProcess() {
  if (job_ != nullptr) ::TerminateJobObject(job_, 1);
  if (job_ != nullptr) ::CloseHandle(job_);
  if (handle_ != nullptr) ::CloseHandle(handle_);
}

bool WindowsProcess::wait(unsigned long milliseconds) const {
  return ::WaitForSingleObject(handle_, milliseconds) == WAIT_OBJECT_0;
}

unsigned long WindowsProcess::exit_code() const {
  DWORD code = 0;
  ::GetExitCodeProcess(handle_, &code);
  return code;
}

void WindowsProcess::ask_to_end() const { ::GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, id_); }

void WindowsProcess::end() const {
  ::TerminateProcess(handle_, 1);
  if (job_ != nullptr) ::TerminateJobObject(job_, 1);
}

}  // namespace understudy
