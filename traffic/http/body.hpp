// A message's body: the bytes as they were on the wire, and where in them the content is.
//
// A chunked body is kept with its framing, so that it can be sent on unchanged; the content (the chunks' data, without
// sizes, extensions and trailers) is a list of ranges. For every other framing the content is the wire bytes.
//
// Bytes lie in blocks that never move, so that a growing body is never copied again and a claimed length reserves
// nothing beyond the first block. Bound: set by the reader (FramingLimits::body_max).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace understudy {

class Body {
 public:
  Body() = default;

  // Appends wire bytes. `is_content` tells data from chunk framing. `expected` is how many more bytes are known to come,
  // a hint for the size of the next block.
  void append(std::string_view bytes, bool is_content, std::uint64_t expected = 0);
  // Counts bytes without keeping them, for callers that need only sizes. Not to be mixed with append().
  void count(std::uint64_t bytes, bool is_content);
  void clear();

  [[nodiscard]] std::uint64_t wire_size() const { return wire_size_; }
  [[nodiscard]] std::uint64_t content_size() const { return content_size_; }
  [[nodiscard]] bool empty() const { return wire_size_ == 0; }
  // False when bytes were only counted: there is nothing to send or record then.
  [[nodiscard]] bool is_kept() const { return kept_; }
  [[nodiscard]] std::size_t memory() const { return memory_; }

  // The wire bytes, in order, as views that live as long as the body. For scatter-gather writes.
  [[nodiscard]] std::vector<std::string_view> wire_slices() const;
  // The content, in order, likewise.
  [[nodiscard]] std::vector<std::string_view> content_slices() const;
  // The content in one string. Copies.
  [[nodiscard]] std::string content() const;

 private:
  struct Block {
    std::unique_ptr<char[]> data;
    std::uint32_t used = 0;
    std::uint32_t capacity = 0;
  };
  struct ContentRange {  // within one block
    std::uint32_t block = 0;
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
  };

  std::vector<Block> blocks_;
  std::vector<ContentRange> content_;  // empty while content and wire bytes are the same
  std::uint64_t wire_size_ = 0;
  std::uint64_t content_size_ = 0;
  std::size_t memory_ = 0;
  bool has_framing_ = false;
  bool kept_ = true;
};

}  // namespace understudy
