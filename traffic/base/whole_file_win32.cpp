#include <windows.h>

#include "traffic/base/private_file.hpp"
#include "traffic/base/whole_file.hpp"
#include "traffic/base/windows_text.hpp"

namespace understudy {
namespace {

tl::unexpected<SystemError> failed() { return tl::unexpected(SystemError::last()); }

bool is_missing(DWORD error) { return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND; }

class Handle {
 public:
  explicit Handle(HANDLE handle) : handle_(handle == INVALID_HANDLE_VALUE ? nullptr : handle) {}
  ~Handle() {
    if (handle_ != nullptr) ::CloseHandle(handle_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  [[nodiscard]] HANDLE get() const { return handle_; }

 private:
  HANDLE handle_;
};

HANDLE create(const std::string& path, FileAccess access) {
  if (access == FileAccess::owner) return open_private_file(path, GENERIC_WRITE, 0, CREATE_NEW);
  return ::CreateFileW(to_wide(path).c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
}

// A file of at most 4 GiB in one call: documents and reports.
bool write_all(HANDLE file, std::string_view text) {
  DWORD written = 0;
  return ::WriteFile(file, text.data(), static_cast<DWORD>(text.size()), &written, nullptr) != 0 &&
         written == text.size();
}

}  // namespace

SystemResult<void> write_new_file(const std::string& path, std::string_view text, FileAccess access,
                                  FileSafety safety) {
  SystemError error;
  {
    const Handle file(create(path, access));
    if (file.get() == nullptr) return failed();
    if (write_all(file.get(), text) && (safety == FileSafety::process || ::FlushFileBuffers(file.get()) != 0)) {
      return {};
    }
    error = SystemError::last();
  }
  ::DeleteFileW(to_wide(path).c_str());
  return tl::unexpected(error);
}

SystemResult<std::optional<std::string>> read_whole_file(const std::string& path, std::size_t size_max) {
  constexpr DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  const Handle file(::CreateFileW(to_wide(path).c_str(), GENERIC_READ, share, nullptr, OPEN_EXISTING,
                                  FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
  if (file.get() == nullptr && is_missing(::GetLastError())) return std::nullopt;
  BY_HANDLE_FILE_INFORMATION information{};
  if (file.get() == nullptr || ::GetFileInformationByHandle(file.get(), &information) == 0) return failed();
  if ((information.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) {
    return tl::unexpected(SystemError{ERROR_CANT_ACCESS_FILE});
  }
  if (information.nFileSizeHigh != 0 || information.nFileSizeLow > size_max) {
    return tl::unexpected(SystemError{ERROR_FILE_TOO_LARGE});
  }
  std::string text(information.nFileSizeLow, '\0');
  DWORD got = 0;
  if (::ReadFile(file.get(), text.data(), information.nFileSizeLow, &got, nullptr) == 0) return failed();
  text.resize(got);
  return text;
}

SystemResult<void> replace_file(const std::string& from, const std::string& to) {
  constexpr DWORD flags = MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH;
  if (::MoveFileExW(to_wide(from).c_str(), to_wide(to).c_str(), flags) == 0) return failed();
  return {};
}

SystemResult<bool> place_file(const std::string& from, const std::string& to) {
  if (::MoveFileExW(to_wide(from).c_str(), to_wide(to).c_str(), MOVEFILE_WRITE_THROUGH) != 0) return true;
  const SystemError error = SystemError::last();
  ::DeleteFileW(to_wide(from).c_str());
  if (error.number != ERROR_ALREADY_EXISTS && error.number != ERROR_FILE_EXISTS) return tl::unexpected(error);
  return false;
}

SystemResult<void> remove_file(const std::string& path) {
  if (::DeleteFileW(to_wide(path).c_str()) == 0 && !is_missing(::GetLastError())) return failed();
  return {};
}

void sync_folder(const std::string& /*path*/) {}  // MOVEFILE_WRITE_THROUGH has done it

SystemResult<bool> create_private_folder(const std::string& path) {
  if (make_private_folder(path)) return true;
  if (::GetLastError() != ERROR_ALREADY_EXISTS) return failed();
  return false;
}

}  // namespace understudy
