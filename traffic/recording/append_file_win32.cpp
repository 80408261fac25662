#include <fmt/format.h>
#include <windows.h>

#include <algorithm>
#include <memory>

#include "traffic/base/native_file.hpp"
#include "traffic/base/private_file.hpp"
#include "traffic/base/windows_text.hpp"
#include "traffic/recording/append_file.hpp"

namespace understudy {
namespace {

constexpr DWORD wait_step_ms = 20;                // a pipe that is full has no event: it is tried again
constexpr DWORD transfer_max = DWORD{1} << 30;    // of one call
constexpr DWORD pipe_write_max = DWORD{4} << 10;  // a non-blocking pipe takes a piece whole or not at all

tl::unexpected<Error> cannot_open(const std::string& path, std::string_view reason, std::string_view advice) {
  return fail(ExitCode::output_failed,
              fmt::format("cannot open the recording '{}' for appending: {}. {}", path, reason, advice));
}

bool ends_in_mid_line(const std::string& path) {
  auto file = NativeFile::open_to_read(path);
  if (!file || file->size() == 0) return false;  // may be written, not read: then nobody can tell
  char last = '\n';
  const auto count = file->read_at(file->size() - 1, &last, 1);
  return count && *count == 1 && last != '\n';
}

std::int64_t position_of(HANDLE handle, DWORD from) {
  LARGE_INTEGER position{};
  return ::SetFilePointerEx(handle, LARGE_INTEGER{}, &position, from) != 0 ? position.QuadPart : 0;
}

}  // namespace

Result<std::unique_ptr<AppendFile>> AppendFile::open(const std::string& path, RecordEnd record_end) {
  const bool is_stdout = path == "-";
  // Others may read it, rename it and remove it. Two writers would take each other's lines back after an error.
  constexpr DWORD share = FILE_SHARE_READ | FILE_SHARE_DELETE;
  const HANDLE handle = is_stdout ? ::GetStdHandle(STD_OUTPUT_HANDLE)
                                  : open_private_file(path, GENERIC_WRITE | FILE_READ_ATTRIBUTES, share, OPEN_ALWAYS);
  if (handle == no_handle || handle == INVALID_HANDLE_VALUE) {
    const SystemError error = SystemError::last();
    if (error.number == ERROR_SHARING_VIOLATION) {
      return cannot_open(path, "another process has it open", "Give each agent a file of its own");
    }
    return cannot_open(path, error.text(), "Check that its folder exists and that this user may write there");
  }
  const bool regular = ::GetFileType(handle) == FILE_TYPE_DISK;
  std::unique_ptr<AppendFile> file(new AppendFile(handle, !is_stdout, regular, record_end));
  if (regular) {
    file->origin_ = position_of(handle, is_stdout ? FILE_CURRENT : FILE_END);
    if (!is_stdout && ends_in_mid_line(path)) file->open_line_at_ = 0;
    file->end_open_line(0);
  } else {
    // So that a slow reader can be waited for with an end to it. A console refuses, and never is full for long.
    DWORD mode = PIPE_READMODE_BYTE | PIPE_NOWAIT;
    ::SetNamedPipeHandleState(handle, &mode, nullptr, nullptr);
  }
  return file;
}

bool AppendFile::is_in_use(const std::string& path) {
  constexpr DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  const HANDLE handle = ::CreateFileW(to_wide(path).c_str(), GENERIC_WRITE, share, nullptr, OPEN_EXISTING, 0, nullptr);
  if (handle == INVALID_HANDLE_VALUE) return ::GetLastError() == ERROR_SHARING_VIOLATION;
  ::CloseHandle(handle);
  return false;
}

AppendFile::~AppendFile() {
  if (owned_) ::CloseHandle(handle_);
}

// Cuts a regular file that is as this object left it: elsewhere, and where somebody else has cut the file meanwhile,
// positions mean nothing.
bool AppendFile::cut_to(std::uint64_t position) {
  const auto end_of = [this](std::uint64_t offset) { return origin_ + static_cast<std::int64_t>(offset); };
  LARGE_INTEGER size{};
  if (!regular_ || ::GetFileSizeEx(handle_, &size) == 0 || size.QuadPart != end_of(written_)) return false;
  LARGE_INTEGER target{};
  target.QuadPart = end_of(position);
  if (::SetFilePointerEx(handle_, target, nullptr, FILE_BEGIN) == 0 || ::SetEndOfFile(handle_) == 0) return false;
  written_ = position;
  return true;
}

bool AppendFile::write_out(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto step = static_cast<DWORD>(std::min<std::size_t>(bytes.size(), regular_ ? transfer_max : pipe_write_max));
    DWORD count = 0;
    if (::WriteFile(handle_, bytes.data(), step, &count, nullptr) == 0) {
      const SystemError error = SystemError::last();
      return fail_with(error.is_disk_full() ? WriteFailure::disk_full : WriteFailure::other, error);
    }
    if (count == 0 && !wait_writable()) return false;
    written_ += count;
    bytes.remove_prefix(count);
  }
  return true;
}

bool AppendFile::wait_writable() {
  if (interrupted_.load(std::memory_order_relaxed)) return fail_with(WriteFailure::interrupted, {ERROR_CANCELLED});
  ::Sleep(wait_step_ms);
  return true;
}

}  // namespace understudy
