// Eight bytes at a time, in plain 64-bit arithmetic, for processors without a block of their own.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace understudy {

class PortableByteBlock {
 public:
  static constexpr std::size_t width = 8;
  using Mask = std::uint64_t;  // the high bit of each byte

  // REQUIRES: `width` bytes readable.
  explicit PortableByteBlock(const char* from) {
    std::memcpy(&word_, from, sizeof word_);
    if constexpr (std::endian::native == std::endian::big) word_ = __builtin_bswap64(word_);
    low_ = word_ & ~high_bits;
    high_ = word_ & high_bits;
  }

  // The place of the first byte in a mask. REQUIRES: mask is not 0.
  [[nodiscard]] static std::size_t first(Mask mask) { return static_cast<std::size_t>(std::countr_zero(mask)) / 8; }

  // Control bytes (below 0x20) other than tabs.
  [[nodiscard]] Mask controls() const { return ~at_least(low_, 0x20) & ~range(low_, '\t', '\t') & ~high_ & high_bits; }

  // Bytes that are no letter, digit or '-'.
  [[nodiscard]] Mask no_name_bytes() const {
    const std::uint64_t letters = range(low_ | ones * 0x20, 'a', 'z');
    return (~(letters | range(low_, '0', '9') | range(low_, '-', '-')) & high_bits) | high_;
  }

  // Bytes that are no visible ASCII (0x21 to 0x7e).
  [[nodiscard]] Mask no_visible() const { return (~range(low_, 0x21, 0x7e) & high_bits) | high_; }

 private:
  static constexpr std::uint64_t ones = 0x0101010101010101ULL;
  static constexpr std::uint64_t high_bits = 0x8080808080808080ULL;

  // The high bit of each byte that is at least `bound`. REQUIRES: no byte of `word` is above 0x7f, and 0 < bound <=
  // 0x7f.
  [[nodiscard]] static constexpr std::uint64_t at_least(std::uint64_t word, unsigned bound) {
    return (word + ones * (0x80U - bound)) & high_bits;
  }
  [[nodiscard]] static constexpr std::uint64_t range(std::uint64_t word, unsigned first, unsigned last) {
    return at_least(word, first) & ~at_least(word, last + 1);
  }

  std::uint64_t word_ = 0;
  std::uint64_t low_ = 0;   // without high bits
  std::uint64_t high_ = 0;  // only high bits
};

}  // namespace understudy
