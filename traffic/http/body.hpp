// A message's body: the bytes as they were on the wire, and where in them the content is.
//
// A chunked body is kept with its framing, so that it can be sent on unchanged; the content (the chunks' data, without
// sizes, extensions and trailers) is a list of ranges. For every other framing the content is the wire bytes.
//
// Bytes lie in blocks that never move, so that a growing body is never copied again and a claimed length reserves
// nothing beyond the first block (64 KiB). Bound: set by the reader (FramingLimits::body_max).
//
// Ownership: a body owns its bytes; share() makes a second owner of the same ones. Move only otherwise. A body is
// written by one thread, before it is published; a const body may be read from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>

namespace understudy {

class Body {
 public:
  Body() = default;
  Body(Body&&) = default;
  Body& operator=(Body&&) = default;
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  // A body with that content, without chunk framing.
  [[nodiscard]] static Body of(std::string_view content);

  // Appends wire bytes. `is_content` tells data from chunk framing. `expected` is how many more bytes are known to
  // come, a hint for the size of the next block. REQUIRES: not shared, and no bytes were only counted.
  void append(std::string_view bytes, bool is_content, std::uint64_t expected = 0);
  // Counts bytes without keeping them. REQUIRES: no bytes were appended.
  void count(std::uint64_t bytes, bool is_content);
  // Frees the bytes and goes on as if they had only been counted.
  void forget_bytes();
  void clear();
  // The same, but the first bytes appended go where those before were, if nobody shares them and there is room.
  void reuse();

  // Another owner of the same bytes. Nothing may be appended to either afterwards.
  [[nodiscard]] Body share() const;

  [[nodiscard]] std::uint64_t wire_size() const { return wire_size_; }
  [[nodiscard]] std::uint64_t content_size() const { return content_size_; }
  [[nodiscard]] bool empty() const { return wire_size_ == 0; }
  // False when bytes were only counted: there is nothing to send or record then.
  [[nodiscard]] bool is_kept() const { return kept_; }
  // Bytes of memory held, those of an owner that shares them included.
  [[nodiscard]] std::size_t memory() const;

  // The wire bytes, in order, as views that live as long as a body that owns them. For scatter-gather writes.
  [[nodiscard]] std::vector<std::string_view> wire_slices() const;
  // The same, appended to `slices`.
  void append_wire_slices(std::vector<std::string_view>& slices) const;
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
  struct Storage {
    boost::container::small_vector<Block, 1> blocks;  // most bodies fit in one: no allocation for the list
    std::vector<ContentRange> content;                // used when has_framing
    std::size_t block_memory = 0;
    bool has_framing = false;  // some bytes are not content
  };

  void begin_storage(std::size_t size, std::uint64_t expected);
  Block& writable_block(std::size_t size, std::uint64_t expected);
  void note_range(bool is_content, std::uint32_t offset, std::uint32_t length);

  std::shared_ptr<Storage> storage_;  // null while nothing is kept
  std::uint64_t wire_size_ = 0;
  std::uint64_t content_size_ = 0;
  bool kept_ = true;
};

}  // namespace understudy
