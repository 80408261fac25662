// A capture file or pipe as a buffer that is refilled.
//
// Reads instead of mapping: a file that shrinks meanwhile would kill a reader of mapped memory, and a pipe cannot be
// mapped. One copy in pieces of a mebibyte costs little beside decoding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agent/capture/stop_event.hpp"
#include "traffic/base/bytes.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/base/native_file.hpp"

namespace understudy {

// Thread safety: one thread.
class FileInput {
 public:
  enum class Fill { more, idle, end };

  // "-" is standard input. Errors: capture_unreadable.
  [[nodiscard]] static Result<FileInput> open(const std::string& path);

  // What is read and not consumed. Valid until fill().
  [[nodiscard]] ByteView buffered() const { return ByteView(buffer_).subspan(begin_, end_ - begin_); }
  // The place of buffered() in the file.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  void consume(std::size_t count) {
    begin_ += count;
    offset_ += count;
  }
  // Reads once, so that buffered() can grow to `needed` bytes. A pipe is waited for up to `wait`, or until `stop`.
  // Errors: capture_damaged when the system cannot read on.
  [[nodiscard]] Result<Fill> fill(std::size_t needed, Nanoseconds wait, const StopEvent& stop);

  // "capture.pcap", or "standard input".
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  FileInput(NativeFile file, std::string name);

  NativeFile file_;
  std::string name_;
  std::vector<std::uint8_t> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;
};

}  // namespace understudy
