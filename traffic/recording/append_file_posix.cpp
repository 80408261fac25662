#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <limits.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>

#include "traffic/recording/append_file.hpp"

namespace understudy {
namespace {

constexpr int wait_step_ms = 100;  // how soon an interrupt is noticed
constexpr mode_t file_mode = S_IRUSR | S_IWUSR | S_IRGRP;

tl::unexpected<Error> cannot_open(const std::string& path, std::string_view reason, std::string_view advice) {
  return fail(ExitCode::output_failed,
              fmt::format("cannot open the recording '{}' for appending: {}. {}", path, reason, advice));
}

bool ends_in_mid_line(const std::string& path, off_t size) {
  if (size == 0) return false;
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;  // may be written, not read: then nobody can tell
  char last = '\n';
  const bool is_cut = ::pread(descriptor, &last, 1, size - 1) == 1 && last != '\n';
  ::close(descriptor);
  return is_cut;
}

}  // namespace

Result<std::unique_ptr<AppendFile>> AppendFile::open(const std::string& path, RecordEnd record_end) {
  // A file over the process's size limit shall be an error of write(), not the end of the program.
  static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
  const bool is_stdout = path == "-";
  // O_NONBLOCK: opening a FIFO that nobody reads fails instead of waiting for ever. Writing waits as usual.
  constexpr int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  const int descriptor = is_stdout ? STDOUT_FILENO : ::open(path.c_str(), flags, file_mode);
  if (descriptor < 0) {
    return cannot_open(path, SystemError::last().text(),
                       "Check that its folder exists and that this user may write there");
  }
  struct stat status {};
  const bool known = ::fstat(descriptor, &status) == 0;
  const bool regular = known && S_ISREG(status.st_mode);
  std::unique_ptr<AppendFile> file(new AppendFile(descriptor, !is_stdout, regular, record_end));
  if (!known) return cannot_open(path, SystemError::last().text(), "Choose another file");
  const int status_flags = ::fcntl(descriptor, F_GETFL);
  if (!is_stdout) {
    static_cast<void>(::fcntl(descriptor, F_SETFL, status_flags & ~O_NONBLOCK));
    // Two writers would take each other's lines back after an error.
    if (regular && ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      return cannot_open(path, "another process is recording into it", "Give each agent a file of its own");
    }
  }
  if (regular) {
    const bool appends = (status_flags & O_APPEND) != 0;
    file->origin_ = appends ? status.st_size : ::lseek(descriptor, 0, SEEK_CUR);
    if (!is_stdout && ends_in_mid_line(path, status.st_size)) file->open_line_at_ = 0;
    file->end_open_line(0);
  }
  return file;
}

bool AppendFile::is_in_use(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return false;
  const bool is_locked = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return is_locked;
}

AppendFile::~AppendFile() {
  if (owned_) ::close(handle_);
}

// Cuts a regular file that is as this object left it: elsewhere, and where somebody else has cut the file meanwhile,
// positions mean nothing.
bool AppendFile::cut_to(std::uint64_t position) {
  const auto end_of = [this](std::uint64_t offset) {
    return static_cast<off_t>(origin_ + static_cast<std::int64_t>(offset));
  };
  struct stat status {};
  if (!regular_ || ::fstat(handle_, &status) != 0 || status.st_size != end_of(written_)) return false;
  if (::ftruncate(handle_, end_of(position)) != 0) return false;
  static_cast<void>(::lseek(handle_, 0, SEEK_END));  // for standard output that does not append
  written_ = position;
  return true;
}

bool AppendFile::write_out(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!regular_ && !wait_writable()) return false;
    // A pipe that polls as writable takes PIPE_BUF bytes without waiting (pipe(7)).
    const std::size_t step = regular_ ? bytes.size() : std::min<std::size_t>(bytes.size(), PIPE_BUF);
    const ssize_t count = ::write(handle_, bytes.data(), step);
    if (count < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      const SystemError error = SystemError::last();
      return fail_with(error.is_disk_full() ? WriteFailure::disk_full : WriteFailure::other, error);
    }
    written_ += static_cast<std::uint64_t>(count);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool AppendFile::wait_writable() {
  while (!interrupted_.load(std::memory_order_relaxed)) {
    pollfd wanted{handle_, POLLOUT, 0};
    const int ready = ::poll(&wanted, 1, wait_step_ms);
    if (ready > 0) return true;  // writable, or an error that write() will tell
    if (ready < 0 && errno != EINTR) return true;
  }
  return fail_with(WriteFailure::interrupted, {EINTR});
}

}  // namespace understudy
