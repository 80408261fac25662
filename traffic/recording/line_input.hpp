// The lines of a recording's text, without their line ends (LF or CRLF). A line that is too long is passed over.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "traffic/base/error.hpp"
#include "traffic/recording/exchange_source.hpp"
#include "traffic/recording/unpacked_input.hpp"

namespace understudy {

class LineInput {
 public:
  LineInput(std::unique_ptr<UnpackedInput> input, std::size_t line_max)
      : input_(std::move(input)), line_max_(line_max) {}

  // Moves to the next line. False at the end. Damage of the packing and lines that are too long go to the report, and
  // so do the bytes read. An error means that the disk failed.
  [[nodiscard]] Result<bool> next(RecordingReport& report);
  // REQUIRES for the following: the last call of next() gave true. The view is valid until the next call.
  [[nodiscard]] std::string_view line() const;
  // Of the line in the unpacked text.
  [[nodiscard]] std::uint64_t position() const { return input_->position(); }
  // False for a last line whose line end is missing.
  [[nodiscard]] bool has_end() const { return has_end_; }

  [[nodiscard]] const std::string& name() const { return input_->name(); }

 private:
  // Bytes up to the line end, or up to the end of the text; nothing when the line is too long.
  [[nodiscard]] Result<bool> find_end();
  [[nodiscard]] Result<bool> skip_long_line(RecordingReport& report);

  const std::unique_ptr<UnpackedInput> input_;
  const std::size_t line_max_;
  std::size_t length_ = 0;  // of the current line
  std::size_t taken_ = 0;   // of the window by the current line, with its line end
  bool has_end_ = false;
  std::uint64_t counted_ = 0;  // bytes read that are in the report
};

}  // namespace understudy
