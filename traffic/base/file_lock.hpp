// A file whose lock says that somebody uses what is beside it. One source file per platform.
#pragma once

#include <memory>
#include <string>

#include "traffic/base/native_file.hpp"

namespace understudy {

// Held until destruction, and no longer than the process lives. Thread safety: one thread.
class FileLock {
 public:
  // Creates the file where it is missing, for its owner alone. Nothing: somebody else has the lock.
  [[nodiscard]] static SystemResult<std::unique_ptr<FileLock>> take(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(NativeHandle handle) : handle_(handle) {}

  const NativeHandle handle_;
};

}  // namespace understudy
