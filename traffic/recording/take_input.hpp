// The bytes of a recording by their offset: any of them in a file, or a window that only moves forward in a pipe.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/base/native_file.hpp"

namespace understudy {

class TakeInput {
 public:
  // "-" is standard input, which stays open afterwards. ExitCode::recording_unreadable.
  [[nodiscard]] static Result<std::unique_ptr<TakeInput>> open(const std::string& path);
  TakeInput(const TakeInput&) = delete;
  TakeInput& operator=(const TakeInput&) = delete;

  // A regular file. Otherwise forget() says what is needed no more.
  [[nodiscard]] bool seekable() const { return seekable_; }
  // Of a file, when it was opened; 0 for a pipe.
  [[nodiscard]] std::uint64_t size() const { return size_; }

  // `size` bytes from `offset` on, fewer where the input ends; waits for them where it is a pipe. Valid until the next
  // call. Memory: `size` and 64 KiB. ExitCode::recording_unreadable when reading fails. REQUIRES of a pipe: nothing at
  // `offset` was forgotten.
  [[nodiscard]] Result<std::string_view> at(std::uint64_t offset, std::size_t size);
  // Whether at() with these values has its bytes, or the end, without waiting longer than `timeout`.
  [[nodiscard]] Result<bool> wait_for(std::uint64_t offset, std::size_t size, Nanoseconds timeout);
  // Bytes in front of `offset` are not asked for again.
  void forget(std::uint64_t offset);

 private:
  TakeInput(std::string path, NativeFile file);
  [[nodiscard]] Result<std::string_view> read_file(std::uint64_t offset, std::size_t size);
  // Appends what a pipe has, waiting for it. False at its end.
  [[nodiscard]] Result<bool> read_more();
  [[nodiscard]] tl::unexpected<Error> read_failed(SystemError error) const;
  [[nodiscard]] bool holds(std::uint64_t offset, std::size_t size) const {
    return offset >= begin_ && offset + size <= begin_ + buffer_.size();
  }

  const std::string path_;
  NativeFile file_;
  const bool seekable_;
  const std::uint64_t size_;
  std::string buffer_;       // bytes from begin_ on
  std::uint64_t begin_ = 0;  // offset of the buffer
  bool ended_ = false;       // of a pipe
};

}  // namespace understudy
