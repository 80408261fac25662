#include <fmt/format.h>
#include <windows.h>

#include <algorithm>
#include <array>
#include <optional>

#include "traffic/base/check.hpp"
#include "traffic/base/windows_text.hpp"
#include "traffic/middleware/child_pipe_win32.hpp"
#include "traffic/middleware/middleware_child.hpp"

namespace understudy {
namespace {

constexpr DWORD end_wait_ms = 1000;

DWORD milliseconds_of(Nanoseconds timeout) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(std::max(timeout, Nanoseconds(0))).count();
  return static_cast<DWORD>(std::min<std::int64_t>(milliseconds, 60'000));
}

void close_handle(HANDLE& handle) {
  if (handle != nullptr) ::CloseHandle(handle);
  handle = nullptr;
}

// Quotes one argument as CommandLineToArgvW() takes it apart again.
std::string quoted(std::string_view argument) {
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

std::wstring command_line(const std::vector<std::string>& arguments) {
  std::string line;
  for (const std::string& argument : arguments) line += (line.empty() ? "" : " ") + quoted(argument);
  return to_wide(line);
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

struct Process {
  HANDLE handle = nullptr;
  HANDLE job = nullptr;
  DWORD id = 0;
};

std::optional<Process> spawn(const std::vector<std::string>& arguments, std::array<HANDLE, 3> handles) {
  InheritedHandles inherited(handles);
  if (!inherited.is_set()) return std::nullopt;
  STARTUPINFOEXW startup{};
  startup.StartupInfo.cb = sizeof startup;
  startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  startup.StartupInfo.hStdInput = handles[0];
  startup.StartupInfo.hStdOutput = handles[1];
  startup.StartupInfo.hStdError = handles[2];
  startup.lpAttributeList = inherited.list();
  std::wstring line = command_line(arguments);
  // Suspended, so that it is in its job before it can start something itself.
  constexpr DWORD flags = CREATE_NEW_PROCESS_GROUP | CREATE_SUSPENDED | EXTENDED_STARTUPINFO_PRESENT;
  PROCESS_INFORMATION started{};
  if (::CreateProcessW(nullptr, line.data(), nullptr, nullptr, TRUE, flags, nullptr, nullptr, &startup.StartupInfo,
                       &started) == 0) {
    return std::nullopt;
  }
  Process process{started.hProcess, make_job(), started.dwProcessId};
  if (process.job != nullptr) ::AssignProcessToJobObject(process.job, process.handle);
  ::ResumeThread(started.hThread);
  ::CloseHandle(started.hThread);
  return process;
}

}  // namespace

class MiddlewareChild::Impl {
 public:
  Impl(Process process, std::array<ChildPipe::Ends, 3>& pipes)
      : process_(process),
        input_(std::move(pipes[0].ours)),
        output_(std::move(pipes[1].ours)),
        errors_(std::move(pipes[2].ours)) {}
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Process process_;
  std::unique_ptr<ChildPipe> input_;
  std::unique_ptr<ChildPipe> output_;
  std::unique_ptr<ChildPipe> errors_;
};

MiddlewareChild::Impl::~Impl() {
  input_.reset();
  output_.reset();
  errors_.reset();
  ::GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, process_.id);
  if (::WaitForSingleObject(process_.handle, end_wait_ms) != WAIT_OBJECT_0) ::TerminateProcess(process_.handle, 1);
  if (process_.job != nullptr) ::TerminateJobObject(process_.job, 1);
  close_handle(process_.handle);
  close_handle(process_.job);
}

Result<std::unique_ptr<MiddlewareChild>> MiddlewareChild::start(const std::vector<std::string>& arguments) {
  CHECK(!arguments.empty());
  std::array<ChildPipe::Ends, 3> pipes;
  std::optional<SystemError> error;
  for (std::size_t i = 0; i < pipes.size() && !error; ++i) {
    auto ends = ChildPipe::create(i == 0 ? ChildPipe::Direction::to_child : ChildPipe::Direction::from_child);
    if (ends) {
      pipes[i] = std::move(*ends);
    } else {
      error = ends.error();
    }
  }
  std::optional<Process> process;
  if (!error) {
    process = spawn(arguments, {pipes[0].theirs, pipes[1].theirs, pipes[2].theirs});
    if (!process) error = SystemError::last();
  }
  for (ChildPipe::Ends& ends : pipes) close_handle(ends.theirs);
  if (error) {
    return fail(
        ExitCode::configuration,
        fmt::format("cannot start '{}': {}; check its name and that it may be executed", arguments[0], error->text()));
  }
  return std::unique_ptr<MiddlewareChild>(new MiddlewareChild(std::make_unique<Impl>(*process, pipes)));
}

MiddlewareChild::MiddlewareChild(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

MiddlewareChild::~MiddlewareChild() = default;

MiddlewareChild::Transfer MiddlewareChild::write_input(std::string_view& bytes) { return impl_->input_->write(bytes); }

void MiddlewareChild::close_input() { impl_->input_->close(); }

MiddlewareChild::Transfer MiddlewareChild::read_output(std::string& out) { return impl_->output_->read(out); }

MiddlewareChild::Transfer MiddlewareChild::read_errors(std::string& out) { return impl_->errors_->read(out); }

void MiddlewareChild::wait(bool wants_to_write, NativeHandle wake, Nanoseconds timeout) const {
  std::vector<HANDLE> handles = {wake, impl_->output_->event()};
  if (!impl_->errors_->is_closed()) handles.push_back(impl_->errors_->event());  // it may close its log and live
  if (wants_to_write && !impl_->input_->is_closed()) handles.push_back(impl_->input_->event());
  ::WaitForMultipleObjects(static_cast<DWORD>(handles.size()), handles.data(), FALSE, milliseconds_of(timeout));
}

std::string MiddlewareChild::end_text() {
  DWORD code = 0;
  if (::WaitForSingleObject(impl_->process_.handle, end_wait_ms) != WAIT_OBJECT_0 ||
      ::GetExitCodeProcess(impl_->process_.handle, &code) == 0) {
    return "it closed its standard output";
  }
  // Codes of the system, such as an access violation, are known by their hexadecimal form.
  return code < 0x80000000U ? fmt::format("it ended with exit code {}", code)
                            : fmt::format("it ended with exit code {:#x}", code);
}

void block_pipe_signal() {}

WakeEvent::WakeEvent() {
  constexpr BOOL resets_by_hand = TRUE;
  waited_for_ = ::CreateEventW(nullptr, resets_by_hand, FALSE, nullptr);
  signalled_ = waited_for_;
  CHECK(waited_for_ != nullptr);
}

WakeEvent::~WakeEvent() { ::CloseHandle(waited_for_); }

void WakeEvent::wake() const { ::SetEvent(signalled_); }

void WakeEvent::clear() const { ::ResetEvent(waited_for_); }

void WakeEvent::wait(Nanoseconds timeout) const { ::WaitForSingleObject(waited_for_, milliseconds_of(timeout)); }

}  // namespace understudy
