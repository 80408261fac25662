// The records of one .gor text, one after another. What they hold is left to the reader: see gor_source.hpp.
//
// A record ends at a separator that is followed by a valid META, or by the end; so a body that contains the separator
// survives. The two cases in which that is wrong show only when the message is parsed: a body that contains a whole
// record (the message turns out short; end_at() takes the record to where its head says that it ends), and a META that
// was damaged (the message turns out long; Record::inner_ends are the other places where it may have ended).
//
// Bounds: a record of more than record_max is passed over. Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "traffic/base/error.hpp"
#include "traffic/recording/exchange_source.hpp"
#include "traffic/recording/gor_format.hpp"
#include "traffic/recording/unpacked_input.hpp"

namespace understudy {

class GorRecords {
 public:
  static constexpr std::size_t record_max = std::size_t{65} << 20U;
  static constexpr std::size_t inner_ends_max = 16;

  struct Record {
    GorMeta meta;  // borrowed, as the payload is: until the next call of next() or end_at()
    std::string_view payload;
    std::vector<std::size_t>
        inner_ends;            // lengths of payload in front of separators inside it, about inner_ends_max at most
    std::uint64_t offset = 0;  // of the record in the unpacked text
    bool has_end = true;       // false: the text ended without a separator
  };

  explicit GorRecords(std::unique_ptr<UnpackedInput> input) : input_(std::move(input)) {}

  // Moves to the next record. False at the end. Damage goes to the report. An error means that the disk failed.
  [[nodiscard]] Result<bool> next(RecordingReport& report);
  // REQUIRES for the following: the last call of next() gave true.
  [[nodiscard]] const Record& record() const { return record_; }
  // Lets the record end where its payload has that length, if a separator lies there that a valid META or the end
  // follows. False, and nothing has changed: it does not.
  [[nodiscard]] Result<bool> end_at(std::size_t payload_length);

  [[nodiscard]] const UnpackedInput& input() const { return *input_; }

 private:
  // Whether a separator at that place of the window is an end. Reads on as far as is needed to tell.
  [[nodiscard]] Result<bool> is_end(std::size_t at);
  // From `from` on, the place of the next separator in the window; its end where there is none.
  [[nodiscard]] Result<std::size_t> find_separator(std::size_t from);
  [[nodiscard]] Result<bool> take_meta(RecordingReport& report);
  [[nodiscard]] Result<bool> skip_record(RecordingReport& report, const char* why);
  void note_cut_separator();
  void note_packing(RecordingReport& report);

  const std::unique_ptr<UnpackedInput> input_;
  Record record_;
  std::size_t payload_at_ = 0;     // of the window
  std::size_t record_length_ = 0;  // in the window, its separator included; consumed by the next call of next()
};

}  // namespace understudy
