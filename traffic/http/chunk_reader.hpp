// Walks through a chunked body (RFC 9112 section 7.1) in whatever pieces it arrives, without storing anything.
//
// Each step names the longest run of bytes at the front of the input that is all content or all framing (sizes,
// extensions, line ends, trailers), so that content moves by memcpy and framing by lines.
//
//   while (!data.empty()) {
//     const ChunkReader::Step step = reader.next(data);
//     use(data.substr(0, step.length), step.part);
//     data.remove_prefix(step.length);
//     if (step.part == ChunkReader::Part::end) break;      // the body ended with this run
//   }
#pragma once

#include <cstdint>
#include <string_view>

#include "traffic/http/framing_policy.hpp"

namespace understudy {

class ChunkReader {
 public:
  enum class Part : std::uint8_t {
    content,    // data of a chunk
    framing,    // anything else
    end,        // framing that ends the body
    malformed,  // the byte behind `length` is not of a chunked body; see malformation()
  };
  struct Step {
    std::size_t length = 0;
    Part part = Part::framing;
  };

  // REQUIRES: `bytes` is not empty, and no earlier step was `end` or `malformed`. Progress: length > 0 unless
  // malformed.
  [[nodiscard]] Step next(std::string_view bytes, const FramingPolicy& policy, const FramingLimits& limits);

  // Content bytes of the current chunk still to come.
  [[nodiscard]] std::uint64_t remaining() const { return remaining_; }
  [[nodiscard]] Malformation malformation() const { return malformation_; }

  // A gap of `length` bytes: true when it lies within the current chunk's data, and reading goes on behind it.
  [[nodiscard]] bool skip(std::uint64_t length);

 private:
  enum class State : std::uint8_t {
    size_first,  // first digit of a size
    size,        // further digits
    size_space,  // white space behind the size
    extension,   // to the end of the line
    size_lf,     // LF behind CR
    data,
    data_end,  // CR or LF behind the data
    data_lf,
    trailer_start,  // first byte of a line of the trailer section
    trailer_line,
    end_lf,  // LF of the last, empty line
  };

  [[nodiscard]] bool step_size(char byte, const FramingPolicy& policy, const FramingLimits& limits);
  [[nodiscard]] bool end_size_line();
  [[nodiscard]] bool refuse(Malformation malformation);
  [[nodiscard]] Step next_framing(std::string_view bytes, const FramingPolicy& policy, const FramingLimits& limits);
  [[nodiscard]] bool step_framing(char byte, const FramingPolicy& policy, const FramingLimits& limits, bool& is_end);
  [[nodiscard]] bool take_line_rest(std::string_view bytes, bool has_end, const FramingPolicy& policy,
                                    const FramingLimits& limits);

  std::uint64_t remaining_ = 0;
  std::uint32_t line_length_ = 0;     // of the size line
  std::uint32_t trailer_length_ = 0;  // of the trailer section
  bool last_was_cr_ = false;          // within a line that is taken in runs
  State state_ = State::size_first;
  Malformation malformation_ = Malformation::chunk_size;
};

}  // namespace understudy
