#include <fmt/format.h>
#include <windows.h>

#include <algorithm>
#include <array>
#include <optional>

#include "traffic/base/check.hpp"
#include "traffic/base/windows_process.hpp"
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

}  // namespace

class MiddlewareChild::Impl {
 public:
  Impl(WindowsProcess process, std::array<ChildPipe::Ends, 3>& pipes)
      : process_(std::move(process)),
        input_(std::move(pipes[0].ours)),
        output_(std::move(pipes[1].ours)),
        errors_(std::move(pipes[2].ours)) {}
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  WindowsProcess process_;
  std::unique_ptr<ChildPipe> input_;
  std::unique_ptr<ChildPipe> output_;
  std::unique_ptr<ChildPipe> errors_;
};

MiddlewareChild::Impl::~Impl() {
  input_.reset();
  output_.reset();
  errors_.reset();
  process_.ask_to_end();
  if (!process_.wait(end_wait_ms)) process_.end();
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
  std::optional<WindowsProcess> process;
  if (!error) {
    auto started =
        WindowsProcess::start(windows_command_line(arguments), {pipes[0].theirs, pipes[1].theirs, pipes[2].theirs});
    if (started) {
      process.emplace(std::move(*started));
    } else {
      error = SystemError::last();
    }
  }
  for (ChildPipe::Ends& ends : pipes) close_handle(ends.theirs);
  if (error) {
    return fail(
        ExitCode::configuration,
        fmt::format("cannot start '{}': {}; check its name and that it may be executed", arguments[0], error->text()));
  }
  return std::unique_ptr<MiddlewareChild>(new MiddlewareChild(std::make_unique<Impl>(std::move(*process), pipes)));
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
  if (!impl_->process_.wait(end_wait_ms)) return "it closed its standard output";
  const unsigned long code = impl_->process_.exit_code();
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
