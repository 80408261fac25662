#include "traffic/middleware/child_pipe_win32.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "traffic/base/windows_text.hpp"

namespace understudy {
namespace {

constexpr DWORD buffer_size = DWORD{64} << 10;

using Transfer = MiddlewareChild::Transfer;

// Nobody else can guess it, and with it connect first.
std::wstring pipe_name() {
  std::random_device random;
  return to_wide(fmt::format(R"(\\.\pipe\understudy-{}-{:08x}{:08x}{:08x})", ::GetCurrentProcessId(), random(),
                             random(), random()));
}

}  // namespace

tl::expected<ChildPipe::Ends, SystemError> ChildPipe::create(Direction direction) {
  const bool to_child = direction == Direction::to_child;
  const std::wstring name = pipe_name();
  const DWORD mode =
      (to_child ? PIPE_ACCESS_OUTBOUND : PIPE_ACCESS_INBOUND) | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE;
  const HANDLE pipe = ::CreateNamedPipeW(name.c_str(), mode, PIPE_TYPE_BYTE | PIPE_REJECT_REMOTE_CLIENTS, 1,
                                         buffer_size, buffer_size, 0, nullptr);
  if (pipe == INVALID_HANDLE_VALUE) return tl::unexpected(SystemError::last());
  constexpr BOOL resets_by_hand = TRUE;
  constexpr BOOL signalled = TRUE;
  const HANDLE event = ::CreateEventW(nullptr, resets_by_hand, signalled, nullptr);
  Ends ends;
  ends.ours.reset(new ChildPipe(pipe, event));
  SECURITY_ATTRIBUTES inherited{sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
  const HANDLE theirs =
      ::CreateFileW(name.c_str(), to_child ? GENERIC_READ : GENERIC_WRITE, 0, &inherited, OPEN_EXISTING, 0, nullptr);
  if (event == nullptr || theirs == INVALID_HANDLE_VALUE) return tl::unexpected(SystemError::last());
  ends.theirs = theirs;
  if (!to_child) ends.ours->begin_read();
  return ends;
}

ChildPipe::ChildPipe(HANDLE pipe, HANDLE event) : pipe_(pipe), buffer_(buffer_size) { overlapped_.hEvent = event; }

ChildPipe::~ChildPipe() {
  close();
  if (overlapped_.hEvent != nullptr) ::CloseHandle(overlapped_.hEvent);
}

void ChildPipe::close() {
  if (pipe_ == nullptr) return;
  if (on_its_way_) {  // the kernel must be done with the buffer
    DWORD moved = 0;
    ::CancelIoEx(pipe_, &overlapped_);
    ::GetOverlappedResult(pipe_, &overlapped_, &moved, TRUE);
    on_its_way_ = false;
  }
  ::CloseHandle(pipe_);
  pipe_ = nullptr;
  if (overlapped_.hEvent != nullptr) ::SetEvent(overlapped_.hEvent);  // whoever waits shall look
}

void ChildPipe::begin_read() {
  on_its_way_ = ::ReadFile(pipe_, buffer_.data(), buffer_size, nullptr, &overlapped_) != 0 ||
                ::GetLastError() == ERROR_IO_PENDING;
  if (!on_its_way_) close();
}

bool ChildPipe::finish(DWORD& moved) {
  if (::GetOverlappedResult(pipe_, &overlapped_, &moved, FALSE) == 0) {
    if (::GetLastError() == ERROR_IO_INCOMPLETE) return false;
    moved = 0;
    on_its_way_ = false;
    close();
    return true;
  }
  on_its_way_ = false;
  return true;
}

Transfer ChildPipe::read(std::string& out) {
  if (is_closed()) return Transfer::closed;
  DWORD moved = 0;
  if (!finish(moved)) return Transfer::later;
  if (is_closed()) return Transfer::closed;
  out.append(buffer_.data(), moved);
  begin_read();
  return Transfer::some;
}

Transfer ChildPipe::write(std::string_view& bytes) {
  DWORD moved = 0;
  if (is_closed()) return Transfer::closed;
  if (on_its_way_ && !finish(moved)) return Transfer::later;
  if (is_closed()) return Transfer::closed;
  const std::size_t size = std::min<std::size_t>(bytes.size(), buffer_.size());
  std::copy_n(bytes.data(), size, buffer_.data());
  on_its_way_ = ::WriteFile(pipe_, buffer_.data(), static_cast<DWORD>(size), nullptr, &overlapped_) != 0 ||
                ::GetLastError() == ERROR_IO_PENDING;
  if (!on_its_way_) {
    close();
    return Transfer::closed;
  }
  bytes.remove_prefix(size);
  return Transfer::some;
}

}  // namespace understudy
