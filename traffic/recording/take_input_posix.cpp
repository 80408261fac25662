#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "traffic/base/check.hpp"
#include "traffic/recording/take_input.hpp"

namespace understudy {
namespace {

constexpr std::size_t read_min = std::size_t{4} << 10U;    // of a file, at once
constexpr std::size_t read_step = std::size_t{64} << 10U;  // of a pipe, at once

tl::unexpected<Error> cannot_open(const std::string& path, std::string_view reason) {
  return fail(ExitCode::recording_unreadable, fmt::format("cannot open the recording '{}': {}", path, reason));
}

std::string text_of(int error_number) { return std::generic_category().message(error_number); }

}  // namespace

Result<std::unique_ptr<TakeInput>> TakeInput::open(const std::string& path) {
  const bool is_stdin = path == "-";
  const int descriptor = is_stdin ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) return cannot_open(path, text_of(errno) + ". Check its name and rights");
  struct stat status {};
  const bool known = ::fstat(descriptor, &status) == 0;
  const int error_number = errno;
  const bool seekable = known && S_ISREG(status.st_mode);
  const auto size = seekable ? static_cast<std::uint64_t>(status.st_size) : std::uint64_t{0};
  std::unique_ptr<TakeInput> input(new TakeInput(path, descriptor, !is_stdin, seekable, size));
  if (!known) return cannot_open(path, text_of(error_number));
  if (S_ISDIR(status.st_mode)) return cannot_open(path, "it is a folder. Name a file in it");
  return input;
}

TakeInput::TakeInput(std::string path, int descriptor, bool owned, bool seekable, std::uint64_t size)
    : path_(std::move(path)), descriptor_(descriptor), owned_(owned), seekable_(seekable), size_(size) {}

TakeInput::~TakeInput() {
  if (owned_) ::close(descriptor_);
}

Result<std::string_view> TakeInput::at(std::uint64_t offset, std::size_t size) {
  if (seekable_) return read_file(offset, size);
  CHECK(offset >= begin_);
  while (!holds(offset, size) && !ended_) {
    auto more = read_more();
    if (!more) return tl::unexpected(more.error());
  }
  if (offset >= begin_ + buffer_.size()) return std::string_view();
  return std::string_view(buffer_).substr(static_cast<std::size_t>(offset - begin_), size);
}

Result<std::string_view> TakeInput::read_file(std::uint64_t offset, std::size_t size) {
  if (!holds(offset, size)) {
    const auto left = static_cast<std::size_t>(std::min<std::uint64_t>(size_ - std::min(size_, offset), SIZE_MAX));
    const std::size_t wanted = std::min(std::max(size, read_min), left);
    begin_ = offset;
    buffer_.resize(wanted);
    std::size_t filled = 0;
    while (filled < wanted) {
      const ssize_t count =
          ::pread(descriptor_, buffer_.data() + filled, wanted - filled, static_cast<off_t>(offset + filled));
      if (count == 0) break;  // somebody has cut the file since it was opened
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return read_failed(errno);
      filled += static_cast<std::size_t>(count);
    }
    buffer_.resize(filled);
  }
  return std::string_view(buffer_).substr(static_cast<std::size_t>(offset - begin_), size);
}

Result<bool> TakeInput::read_more() {
  const std::size_t before = buffer_.size();
  buffer_.resize(before + read_step);
  ssize_t count = 0;
  do {
    count = ::read(descriptor_, buffer_.data() + before, read_step);
    if (count < 0 && errno == EAGAIN) {
      pollfd wanted{descriptor_, POLLIN, 0};
      static_cast<void>(::poll(&wanted, 1, -1));
    }
  } while (count < 0 && (errno == EINTR || errno == EAGAIN));
  const int error_number = errno;
  buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0) return read_failed(error_number);
  ended_ = count == 0;
  return !ended_;
}

Result<bool> TakeInput::wait_for(std::uint64_t offset, std::size_t size, Nanoseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!seekable_ && !ended_ && !holds(offset, size)) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd wanted{descriptor_, POLLIN, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000)));
    if (ready < 0 && errno != EINTR) return read_failed(errno);
    if (ready == 0 && std::chrono::steady_clock::now() >= deadline) return false;
    if (ready <= 0) continue;
    auto more = read_more();
    if (!more) return more;
  }
  return true;
}

void TakeInput::forget(std::uint64_t offset) {
  if (seekable_ || offset <= begin_) return;
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(offset - begin_, buffer_.size()));
  // Moving what is left costs something: not for every small block.
  if (count < read_step && count < buffer_.size()) return;
  buffer_.erase(0, count);
  begin_ += count;
}

tl::unexpected<Error> TakeInput::read_failed(int error_number) const {
  return fail(ExitCode::recording_unreadable,
              fmt::format("reading the recording '{}' failed: {}", path_, text_of(error_number)));
}

}  // namespace understudy
