#include <windows.h>

#include "traffic/base/file_lock.hpp"
#include "traffic/base/private_file.hpp"

namespace understudy {

// The file itself is the lock: it is opened for this process alone.
SystemResult<std::unique_ptr<FileLock>> FileLock::take(const std::string& path) {
  constexpr DWORD shared_with_nobody = 0;
  const NativeHandle handle = open_private_file(path, GENERIC_READ | GENERIC_WRITE, shared_with_nobody, OPEN_ALWAYS);
  if (handle != no_handle) return std::unique_ptr<FileLock>(new FileLock(handle));
  if (::GetLastError() != ERROR_SHARING_VIOLATION) return tl::unexpected(SystemError::last());
  return nullptr;
}

FileLock::~FileLock() { ::CloseHandle(handle_); }

}  // namespace understudy
