// Sixteen bytes at a time, with SSE2, which every x86-64 processor has. byte_block_portable.hpp is the same elsewhere.
#pragma once

#include <emmintrin.h>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace understudy {

class Sse2ByteBlock {
 public:
  static constexpr std::size_t width = 16;
  using Mask = std::uint32_t;  // a bit for each byte

  // REQUIRES: `width` bytes readable.
  explicit Sse2ByteBlock(const char* from) : bytes_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))) {}

  // The place of the first byte in a mask. REQUIRES: mask is not 0.
  [[nodiscard]] static std::size_t first(Mask mask) { return static_cast<std::size_t>(std::countr_zero(mask)); }

  // Control bytes (below 0x20) other than tabs.
  [[nodiscard]] Mask controls() const { return mask_of(_mm_andnot_si128(equal('\t'), at_most(bytes_, 0x1f))); }

  // Bytes that are no letter, digit or '-'.
  [[nodiscard]] Mask no_name_bytes() const {
    const __m128i folded = _mm_or_si128(bytes_, _mm_set1_epi8(0x20));
    const __m128i letters = at_most(_mm_sub_epi8(folded, _mm_set1_epi8('a')), 'z' - 'a');
    const __m128i digits = at_most(_mm_sub_epi8(bytes_, _mm_set1_epi8('0')), 9);
    return ~mask_of(_mm_or_si128(_mm_or_si128(letters, digits), equal('-'))) & 0xffffU;
  }

  // Bytes that are no visible ASCII (0x21 to 0x7e).
  [[nodiscard]] Mask no_visible() const {
    return ~mask_of(at_most(_mm_sub_epi8(bytes_, _mm_set1_epi8(0x21)), 0x7e - 0x21)) & 0xffffU;
  }

 private:
  [[nodiscard]] static __m128i at_most(__m128i bytes, char bound) {
    return _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(bound)), bytes);
  }
  [[nodiscard]] __m128i equal(char byte) const { return _mm_cmpeq_epi8(bytes_, _mm_set1_epi8(byte)); }
  [[nodiscard]] static Mask mask_of(__m128i bytes) { return static_cast<Mask>(_mm_movemask_epi8(bytes)); }

  __m128i bytes_;
};

}  // namespace understudy
