#include "traffic/recording/take_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

constexpr std::size_t read_min = std::size_t{4} << 10U;    // of a file, at once
constexpr std::size_t read_step = std::size_t{64} << 10U;  // of a pipe, at once

tl::unexpected<Error> cannot_open(const std::string& path, std::string_view reason) {
  return fail(ExitCode::recording_unreadable, fmt::format("cannot open the recording '{}': {}", path, reason));
}

}  // namespace

Result<std::unique_ptr<TakeInput>> TakeInput::open(const std::string& path) {
  auto file = NativeFile::open_to_read(path);
  if (!file) return cannot_open(path, file.error().text() + ". Check its name and rights");
  if (file->kind() == NativeFile::Kind::folder) return cannot_open(path, "it is a folder. Name a file in it");
  return std::unique_ptr<TakeInput>(new TakeInput(path, *std::move(file)));
}

TakeInput::TakeInput(std::string path, NativeFile file)
    : path_(std::move(path)),
      file_(std::move(file)),
      seekable_(file_.kind() == NativeFile::Kind::regular),
      size_(file_.size()) {}

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
      const auto count = file_.read_at(offset + filled, buffer_.data() + filled, wanted - filled);
      if (!count) return read_failed(count.error());
      if (*count == 0) break;  // somebody has cut the file since it was opened
      filled += *count;
    }
    buffer_.resize(filled);
  }
  return std::string_view(buffer_).substr(static_cast<std::size_t>(offset - begin_), size);
}

Result<bool> TakeInput::read_more() {
  const std::size_t before = buffer_.size();
  buffer_.resize(before + read_step);
  const auto count = file_.read(buffer_.data() + before, read_step);
  buffer_.resize(before + count.value_or(0));
  if (!count) return read_failed(count.error());
  ended_ = *count == 0;
  return !ended_;
}

Result<bool> TakeInput::wait_for(std::uint64_t offset, std::size_t size, Nanoseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!seekable_ && !ended_ && !holds(offset, size)) {
    if (!file_.wait_readable(deadline - std::chrono::steady_clock::now())) {
      if (std::chrono::steady_clock::now() >= deadline) return false;
      continue;
    }
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

tl::unexpected<Error> TakeInput::read_failed(SystemError error) const {
  return fail(ExitCode::recording_unreadable,
              fmt::format("reading the recording '{}' failed: {}", path_, error.text()));
}

}  // namespace understudy
