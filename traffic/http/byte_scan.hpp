// Scanning of heads for the few bytes that end or spoil a line, a block of bytes at a time.
//
// One pass finds line ends and forbidden bytes together, which costs less than a memchr for each of them on the short
// lines that heads are made of.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include "traffic/http/byte_block_sse2.hpp"
namespace understudy {
using ByteBlock = Sse2ByteBlock;
}
#else
#include "traffic/http/byte_block_portable.hpp"
namespace understudy {
using ByteBlock = PortableByteBlock;
}
#endif

namespace understudy {

// Index of the first control byte (below 0x20) other than a tab, from `begin` on; bytes.size() if there is none.
[[nodiscard]] inline std::size_t find_control(std::string_view bytes, std::size_t begin) {
  std::size_t at = begin;
  for (; at + ByteBlock::width <= bytes.size(); at += ByteBlock::width) {
    const ByteBlock::Mask hits = ByteBlock(bytes.data() + at).controls();
    if (hits != 0) return at + ByteBlock::first(hits);
  }
  for (; at < bytes.size(); ++at)
    if (static_cast<unsigned char>(bytes[at]) < 0x20 && bytes[at] != '\t') return at;
  return bytes.size();
}

// Skips letters, digits and '-' from `begin` on, where there are enough bytes to do so quickly; returns where it
// stopped. All that is skipped is of a field name; what is not may be, too.
[[nodiscard]] inline std::size_t skip_name_bytes(std::string_view bytes, std::size_t begin) {
  std::size_t at = begin;
  for (; at + ByteBlock::width <= bytes.size(); at += ByteBlock::width) {
    const ByteBlock::Mask hits = ByteBlock(bytes.data() + at).no_name_bytes();
    if (hits != 0) return at + ByteBlock::first(hits);
  }
  return at;
}

// Whether all bytes are visible ASCII (0x21 to 0x7e).
[[nodiscard]] inline bool all_visible(std::string_view bytes) {
  std::size_t at = 0;
  for (; at + ByteBlock::width <= bytes.size(); at += ByteBlock::width)
    if (ByteBlock(bytes.data() + at).no_visible() != 0) return false;
  for (; at < bytes.size(); ++at) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    if (byte < 0x21 || byte > 0x7e) return false;
  }
  return true;
}

[[nodiscard]] constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (const char byte :
       std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    table[static_cast<unsigned char>(byte)] = true;
  return table;
}
inline constexpr std::array<bool, 256> token_table = make_token_table();

// tchar of RFC 9110 section 5.6.2.
[[nodiscard]] inline bool is_token_byte(char byte) { return token_table[static_cast<unsigned char>(byte)]; }

// Whether `text` is `lower`, which is in lower case, without regard to case. REQUIRES: `lower` is of 7 to 24 letters
// and
// '-', and `text` holds no control bytes (CR would pass for '-').
template <std::size_t Size>
[[nodiscard]] inline bool is_name(std::string_view text, const char (&lower)[Size]) {
  constexpr std::size_t length = Size - 1;
  constexpr std::size_t step = length < 8 ? 4 : 8;
  static_assert(length >= 7 && length <= 24);
  if (text.size() != length) return false;
  const auto differ = [&](std::size_t at) {
    std::uint64_t left = 0;
    std::uint64_t right = 0;
    std::memcpy(&left, text.data() + at, step);
    std::memcpy(&right, lower + at, step);
    constexpr std::uint64_t case_bits = step == 8 ? 0x2020202020202020ULL : 0x20202020ULL;
    return (left | (std::endian::native == std::endian::big && step == 4 ? case_bits << 32U : case_bits)) ^ right;
  };
  // The last step overlaps the one before.
  std::uint64_t differs = differ(0) | differ(length - step);
  if constexpr (length > 2 * step) differs |= differ(step);
  return differs == 0;
}

[[nodiscard]] constexpr bool is_blank(char byte) { return byte == ' ' || byte == '\t'; }

// Without spaces and tabs at both ends (OWS of RFC 9110 section 5.6.3).
[[nodiscard]] inline std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Takes the next element off a comma-separated list (RFC 9110 section 5.6.1), without white space around it; empty
// elements are given as they are. REQUIRES: `list` is not empty.
[[nodiscard]] inline std::string_view take_list_element(std::string_view& list) {
  const std::size_t comma = list.find(',');
  const std::string_view element = list.substr(0, comma);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  return trim_blanks(element);
}

}  // namespace understudy
