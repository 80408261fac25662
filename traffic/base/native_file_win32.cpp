#include <windows.h>

#include <algorithm>
#include <utility>

#include "traffic/base/native_file.hpp"
#include "traffic/base/private_file.hpp"
#include "traffic/base/windows_text.hpp"

namespace understudy {
namespace {

constexpr DWORD transfer_max = DWORD{1} << 30;  // of one call
// Windows has no way to wait for an anonymous pipe's bytes.
constexpr DWORD pipe_look_ms = 10;

tl::unexpected<SystemError> failed() { return tl::unexpected(SystemError::last()); }

HANDLE standard_handle(DWORD which) {
  const HANDLE handle = ::GetStdHandle(which);
  if (handle != nullptr && handle != INVALID_HANDLE_VALUE) return handle;
  ::SetLastError(ERROR_INVALID_HANDLE);
  return no_handle;
}

DWORD bounded(std::size_t size) { return static_cast<DWORD>(std::min<std::size_t>(size, transfer_max)); }

SystemResult<std::size_t> end_or_failure() {
  const DWORD error = ::GetLastError();
  if (error == ERROR_BROKEN_PIPE || error == ERROR_HANDLE_EOF) return std::size_t{0};
  return failed();
}

DWORD milliseconds_of(Nanoseconds timeout) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
  return static_cast<DWORD>(std::clamp<std::int64_t>(milliseconds, 0, 60'000));
}

}  // namespace

SystemResult<NativeFile> NativeFile::open_to_read(const std::string& path) {
  if (path == "-") {
    NativeFile input(standard_handle(STD_INPUT_HANDLE), false);
    if (input.handle_ == no_handle) return failed();
    if (auto inspected = input.inspect(); !inspected) return tl::unexpected(inspected.error());
    return input;
  }
  constexpr DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  // FILE_FLAG_BACKUP_SEMANTICS opens folders as well, so that a message can say that it is one.
  const HANDLE handle = ::CreateFileW(to_wide(path).c_str(), GENERIC_READ, share, nullptr, OPEN_EXISTING,
                                      FILE_FLAG_BACKUP_SEMANTICS, nullptr);
  if (handle == INVALID_HANDLE_VALUE) return failed();
  NativeFile file(handle, true);
  if (auto inspected = file.inspect(); !inspected) return tl::unexpected(inspected.error());
  return file;
}

SystemResult<NativeFile> NativeFile::create(const std::string& path) {
  const bool is_stdout = path == "-";
  NativeFile file(is_stdout
                      ? standard_handle(STD_OUTPUT_HANDLE)
                      : open_private_file(path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE, CREATE_ALWAYS),
                  !is_stdout);
  if (file.handle_ == no_handle) return failed();
  if (auto inspected = file.inspect(); !inspected) return tl::unexpected(inspected.error());
  return file;
}

SystemResult<void> NativeFile::inspect() {
  if (::GetFileType(handle_) != FILE_TYPE_DISK) return {};
  BY_HANDLE_FILE_INFORMATION information{};
  if (::GetFileInformationByHandle(handle_, &information) == 0) return failed();
  if ((information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
    kind_ = Kind::folder;
    return {};
  }
  kind_ = Kind::regular;
  size_ = (std::uint64_t{information.nFileSizeHigh} << 32U) | information.nFileSizeLow;
  id_ = (std::uint64_t{information.nFileIndexHigh} << 32U) | information.nFileIndexLow;
  return {};
}

SystemResult<std::size_t> NativeFile::read(void* into, std::size_t size) {
  DWORD count = 0;
  if (::ReadFile(handle_, into, bounded(size), &count, nullptr) == 0) return end_or_failure();
  return std::size_t{count};
}

SystemResult<std::size_t> NativeFile::read_at(std::uint64_t offset, void* into, std::size_t size) {
  OVERLAPPED place{};
  place.Offset = static_cast<DWORD>(offset);
  place.OffsetHigh = static_cast<DWORD>(offset >> 32U);
  DWORD count = 0;
  if (::ReadFile(handle_, into, bounded(size), &count, &place) == 0) return end_or_failure();
  return std::size_t{count};
}

bool NativeFile::wait_readable(Nanoseconds timeout, NativeHandle wake) const {
  if (kind_ != Kind::stream) return true;
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    DWORD available = 0;
    const bool is_pipe = ::PeekNamedPipe(handle_, nullptr, 0, nullptr, &available, nullptr) != 0;
    if (is_pipe && available > 0) return true;
    if (!is_pipe && ::GetLastError() == ERROR_BROKEN_PIPE) return true;  // read() tells the end
    const DWORD left = milliseconds_of(deadline - std::chrono::steady_clock::now());
    if (left == 0) return false;
    const DWORD step = is_pipe ? std::min(left, pipe_look_ms) : left;
    if (!is_pipe) {  // a console or a serial line: its handle is signalled when there is input
      const HANDLE both[2] = {handle_, wake};
      return ::WaitForMultipleObjects(wake == no_handle ? 1 : 2, both, FALSE, step) == WAIT_OBJECT_0;
    }
    if (wake == no_handle) {
      ::Sleep(step);
    } else if (::WaitForSingleObject(wake, step) == WAIT_OBJECT_0) {
      return false;
    }
  }
}

SystemResult<void> NativeFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    DWORD count = 0;
    if (::WriteFile(handle_, bytes.data(), bounded(bytes.size()), &count, nullptr) == 0) return failed();
    bytes.remove_prefix(count);
  }
  return {};
}

SystemResult<void> NativeFile::close() {
  const HANDLE handle = std::exchange(handle_, no_handle);
  if (owned_ && handle != no_handle && ::CloseHandle(handle) == 0) return failed();
  return {};
}

}  // namespace understudy
