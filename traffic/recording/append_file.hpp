// A file that grows by whole records, through errors of the disk.
//
// Bytes are gathered in a buffer and written when it is full or on flush(). commit() marks the end of a record. When a
// write fails, what was written behind the last committed byte that reached the file is taken back (a regular file is
// cut to there), so that the file never keeps half a record in its middle; the caller then appends those records anew.
//
// What cannot be cut (a pipe, a file that somebody else has cut meanwhile) gets a newline behind the half record, so
// that it is a line of its own; where records are blocks, their readers look for the next one. A pipe whose reader is
// slow makes append() wait; interrupt() ends the wait.
//
// Thread safety: one thread, except interrupt().
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"
#include "traffic/base/native_handle.hpp"
#include "traffic/base/system_error.hpp"
#include "traffic/recording/jsonl_writer.hpp"

namespace understudy {

enum class WriteFailure : std::uint8_t { none, disk_full, other, interrupted };

// How the records of a file end: by a newline, or by themselves.
enum class RecordEnd : std::uint8_t { newline, none };

class AppendFile final : public ByteSink {
 public:
  static constexpr std::size_t buffer_size = std::size_t{256} << 10U;

  // Opens for appending and creates what is missing, readable by its owner and group (on Windows its owner,
  // administrators and the system) only; "-" is standard output. A last line without its newline, from a crash, gets
  // one where records are lines. ExitCode::output_failed.
  [[nodiscard]] static Result<std::unique_ptr<AppendFile>> open(const std::string& path,
                                                                RecordEnd record_end = RecordEnd::newline);
  // Whether some process has that file open through an AppendFile.
  [[nodiscard]] static bool is_in_use(const std::string& path);
  ~AppendFile() override;
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  // Takes bytes, and writes when the buffer is full. False after a failure; rewind() then.
  [[nodiscard]] bool append(std::string_view bytes) override;
  // The bytes up to here are whole records. Returns the position behind them, counted from where the file was opened.
  std::uint64_t commit();
  // Writes what is buffered. False after a failure.
  [[nodiscard]] bool flush();

  // Up to where bytes were handed to the operating system, in the terms of commit().
  [[nodiscard]] std::uint64_t written() const { return written_; }
  // Bytes of the file with what is buffered and what was in it before; of a pipe, what it was given.
  [[nodiscard]] std::uint64_t size() const { return static_cast<std::uint64_t>(origin_) + written_ + buffer_.size(); }
  // Drops what is buffered, and cuts the file back to `position`. Records committed behind it are gone and must be
  // appended anew. REQUIRES: position <= written() or position == 0; a value that commit() returned, or 0.
  void rewind(std::uint64_t position);

  [[nodiscard]] WriteFailure failure() const { return failure_; }
  // What the operating system said of the failure.
  [[nodiscard]] std::string failure_text() const;

  // Makes waits for a slow reader end with WriteFailure::interrupted, from now on. Any thread.
  void interrupt() { interrupted_.store(true, std::memory_order_relaxed); }

 private:
  AppendFile(NativeHandle handle, bool owned, bool regular, RecordEnd record_end);
  [[nodiscard]] bool write_out(std::string_view bytes);
  [[nodiscard]] bool wait_writable();
  [[nodiscard]] bool cut_to(std::uint64_t position);
  // Begins the buffer with a newline where the file ends in the middle of a line.
  void end_open_line(std::uint64_t position);

  // Notes the failure. Always false.
  bool fail_with(WriteFailure failure, SystemError error);

  const NativeHandle handle_;
  const bool owned_;
  const bool regular_;
  const RecordEnd record_end_;
  std::int64_t origin_ = 0;                    // the file's size when it was opened
  std::optional<std::uint64_t> open_line_at_;  // a position in front of which there is a line without its newline
  std::string buffer_;
  std::uint64_t written_ = 0;
  WriteFailure failure_ = WriteFailure::none;
  SystemError error_;
  std::atomic<bool> interrupted_{false};
};

}  // namespace understudy
