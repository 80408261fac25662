// Stores the bytes of one direction that arrived before their turn.
//
// Holds disjoint chunks ordered by position; each is either a copy of bytes, or a range that was on the wire but not
// captured (truncated). The first copy of a byte wins; real bytes replace a truncated range. Every operation is
// O(log chunks) for each chunk that it touches. Not thread-safe. The caller bounds it by charge().
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include "traffic/base/bytes.hpp"

namespace understudy {

class StreamBuffer {
 public:
  // Bytes of memory that a chunk costs beyond its content: node, block headers, rounding.
  static constexpr std::size_t chunk_overhead_bytes = 128;

  struct Front {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    ByteView bytes;  // empty for a truncated range; valid until the buffer changes
    [[nodiscard]] bool truncated() const { return bytes.empty(); }
  };
  struct Overlap {
    std::uint64_t bytes = 0;  // how many are stored already
    bool differs = false;     // at least one of them with another value
  };

  [[nodiscard]] bool empty() const { return chunks_.empty(); }
  // Memory held, overheads included.
  [[nodiscard]] std::size_t charge() const { return charge_; }

  // How `data` at `begin` compares with what is stored.
  [[nodiscard]] Overlap compare(std::uint64_t begin, ByteView data) const;
  // Copies those bytes that are not stored yet. Returns how many.
  std::uint64_t insert(std::uint64_t begin, ByteView data);
  // Notes the range as truncated where nothing is stored.
  void insert_truncated(std::uint64_t begin, std::uint64_t end);

  // The chunk with the lowest position. REQUIRES: not empty.
  [[nodiscard]] Front front() const;
  void pop_front();
  // Drops the truncated front up to `position`. REQUIRES: the front is truncated and ends at `position` or later.
  void trim_truncated_front(std::uint64_t position);

 private:
  struct Chunk {
    std::uint64_t end = 0;
    std::unique_ptr<std::uint8_t[]> bytes;  // null: truncated
  };
  using Chunks = std::map<std::uint64_t, Chunk>;

  // The first chunk that ends after `position`.
  [[nodiscard]] Chunks::const_iterator first_after(std::uint64_t position) const;
  // Adds what `data` says to each hole in [begin, end); null means truncated. Returns the bytes added.
  std::uint64_t fill_holes(std::uint64_t begin, std::uint64_t end, const std::uint8_t* data);
  void add(Chunks::const_iterator before, std::uint64_t begin, std::uint64_t end, const std::uint8_t* data);
  Chunks::const_iterator remove(Chunks::const_iterator chunk);
  void carve_truncated(std::uint64_t begin, std::uint64_t end);

  Chunks chunks_;
  std::size_t charge_ = 0;
};

}  // namespace understudy
