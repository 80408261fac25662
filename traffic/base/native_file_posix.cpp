#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "traffic/base/native_file.hpp"

namespace understudy {
namespace {

constexpr mode_t file_mode = S_IRUSR | S_IWUSR | S_IRGRP;

tl::unexpected<SystemError> failed() { return tl::unexpected(SystemError::last()); }

// Reads once, also from a pipe that another program has made non-blocking.
template <typename Read>
SystemResult<std::size_t> read_once(int descriptor, Read&& read) {
  while (true) {
    const ssize_t count = read();
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN) {
      pollfd wanted{descriptor, POLLIN, 0};
      static_cast<void>(::poll(&wanted, 1, -1));
    } else if (errno != EINTR) {
      return failed();
    }
  }
}

}  // namespace

SystemResult<NativeFile> NativeFile::open_to_read(const std::string& path) {
  const bool is_stdin = path == "-";
  NativeFile file(is_stdin ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY), !is_stdin);
  if (file.handle_ < 0) return failed();
  if (auto inspected = file.inspect(); !inspected) return tl::unexpected(inspected.error());
  return file;
}

SystemResult<NativeFile> NativeFile::create(const std::string& path) {
  // A file over the process's size limit shall be an error of write(), not the end of the program.
  static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
  constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY;
  const bool is_stdout = path == "-";
  NativeFile file(is_stdout ? STDOUT_FILENO : ::open(path.c_str(), flags, file_mode), !is_stdout);
  if (file.handle_ < 0) return failed();
  if (auto inspected = file.inspect(); !inspected) return tl::unexpected(inspected.error());
  return file;
}

SystemResult<void> NativeFile::inspect() {
  struct stat status {};
  if (::fstat(handle_, &status) != 0) return failed();
  if (S_ISREG(status.st_mode)) {
    kind_ = Kind::regular;
    size_ = static_cast<std::uint64_t>(status.st_size);
    id_ = status.st_ino;
  } else if (S_ISDIR(status.st_mode)) {
    kind_ = Kind::folder;
  }
  return {};
}

SystemResult<std::size_t> NativeFile::read(void* into, std::size_t size) {
  return read_once(handle_, [&] { return ::read(handle_, into, size); });
}

SystemResult<std::size_t> NativeFile::read_at(std::uint64_t offset, void* into, std::size_t size) {
  return read_once(handle_, [&] { return ::pread(handle_, into, size, static_cast<off_t>(offset)); });
}

bool NativeFile::wait_readable(Nanoseconds timeout, NativeHandle wake) const {
  // poll() passes over negative descriptors.
  std::array<pollfd, 2> events = {pollfd{handle_, POLLIN, 0}, pollfd{wake, POLLIN, 0}};
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
  const int limit = static_cast<int>(std::clamp<std::int64_t>(milliseconds, 0, 60'000));
  return ::poll(events.data(), events.size(), limit) > 0 && events[0].revents != 0;
}

SystemResult<void> NativeFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(handle_, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return failed();
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

SystemResult<void> NativeFile::close() {
  const int descriptor = std::exchange(handle_, no_handle);
  if (owned_ && descriptor >= 0 && ::close(descriptor) != 0) return failed();
  return {};
}

}  // namespace understudy
