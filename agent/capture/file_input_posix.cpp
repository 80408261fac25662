#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "agent/capture/file_input.hpp"

namespace understudy {
namespace {

constexpr std::size_t read_bytes = std::size_t{1024} * 1024;

std::string reason() { return std::generic_category().message(errno); }

int milliseconds(Nanoseconds wait) {
  return static_cast<int>(std::clamp<std::int64_t>(wait.count() / 1'000'000, 0, 60'000));
}

}  // namespace

FileInput::FileInput(int descriptor, bool owned, bool may_wait, std::string name)
    : descriptor_(descriptor), owned_(owned), may_wait_(may_wait), name_(std::move(name)) {}

FileInput::FileInput(FileInput&& other) noexcept
    : descriptor_(other.descriptor_),
      owned_(std::exchange(other.owned_, false)),
      may_wait_(other.may_wait_),
      name_(std::move(other.name_)),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      end_(other.end_),
      offset_(other.offset_) {}

FileInput::~FileInput() {
  if (owned_) {
    ::close(descriptor_);
  }
}

Result<FileInput> FileInput::open(const std::string& path) {
  const bool standard_input = path == "-";
  const int descriptor = standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) {
    return fail(ExitCode::capture_unreadable, fmt::format("cannot open capture file '{}': {}", path, reason()));
  }
  struct stat status {};
  FileInput input(descriptor, !standard_input, true, standard_input ? "standard input" : path);
  if (::fstat(descriptor, &status) != 0) {
    return fail(ExitCode::capture_unreadable, fmt::format("cannot read capture file '{}': {}", path, reason()));
  }
  if (S_ISDIR(status.st_mode)) {
    return fail(ExitCode::capture_unreadable, fmt::format("'{}' is a directory; name a capture file", path));
  }
  input.may_wait_ = !S_ISREG(status.st_mode);
  return input;
}

Result<FileInput::Fill> FileInput::fill(std::size_t needed, Nanoseconds wait, const StopEvent& stop) {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < std::max(needed, end_) + read_bytes) {
    buffer_.resize(std::max(needed, end_) + read_bytes);
  }
  if (may_wait_) {
    std::array<pollfd, 2> events = {pollfd{descriptor_, POLLIN, 0}, pollfd{stop.descriptor(), POLLIN, 0}};
    if (::poll(events.data(), events.size(), milliseconds(wait)) <= 0 || events[0].revents == 0) {
      return Fill::idle;
    }
  }
  const ssize_t count = ::read(descriptor_, buffer_.data() + end_, buffer_.size() - end_);
  if (count < 0) {
    if (errno == EINTR || errno == EAGAIN) {
      return Fill::idle;
    }
    return fail(ExitCode::capture_damaged,
                fmt::format("{}: cannot read on at offset {}: {}", name_, offset_ + end_, reason()));
  }
  end_ += static_cast<std::size_t>(count);
  return count == 0 ? Fill::end : Fill::more;
}

}  // namespace understudy
