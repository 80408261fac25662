#include "agent/capture/file_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace understudy {
namespace {

constexpr std::size_t read_bytes = std::size_t{1024} * 1024;

}  // namespace

FileInput::FileInput(NativeFile file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

Result<FileInput> FileInput::open(const std::string& path) {
  auto file = NativeFile::open_to_read(path);
  if (!file) {
    return fail(ExitCode::capture_unreadable,
                fmt::format("cannot open capture file '{}': {}", path, file.error().text()));
  }
  if (file->kind() == NativeFile::Kind::folder) {
    return fail(ExitCode::capture_unreadable, fmt::format("'{}' is a directory; name a capture file", path));
  }
  return FileInput(*std::move(file), path == "-" ? "standard input" : path);
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
  if (file_.kind() == NativeFile::Kind::stream && !file_.wait_readable(wait, stop.handle())) {
    return Fill::idle;
  }
  const SystemResult<std::size_t> count = file_.read(buffer_.data() + end_, buffer_.size() - end_);
  if (!count) {
    return fail(ExitCode::capture_damaged,
                fmt::format("{}: cannot read on at offset {}: {}", name_, offset_ + end_, count.error().text()));
  }
  end_ += *count;
  return *count == 0 ? Fill::end : Fill::more;
}

}  // namespace understudy
