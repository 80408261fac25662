// Scanning of heads for the few bytes that end or spoil a line, eight bytes at a time.
//
// Portable: plain 64-bit arithmetic. One pass finds line ends and forbidden bytes together, which costs less than a
// memchr for each of them on the short lines that heads are made of.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace understudy {

namespace byte_scan_detail {

inline constexpr std::uint64_t ones = 0x0101010101010101ULL;
inline constexpr std::uint64_t high_bits = 0x8080808080808080ULL;

// High bit set in the lowest byte that is below `bound` (and perhaps in some above it). `bound` is at most 0x80.
[[nodiscard]] constexpr std::uint64_t bytes_below(std::uint64_t word, std::uint8_t bound) {
  return (word - ones * bound) & ~word & high_bits;
}

[[nodiscard]] inline std::uint64_t load(const char* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

}  // namespace byte_scan_detail

// Index of the first control byte (below 0x20) other than a tab, from `begin` on; bytes.size() if there is none.
[[nodiscard]] inline std::size_t find_control(std::string_view bytes, std::size_t begin) {
  using namespace byte_scan_detail;
  std::size_t at = begin;
  while (at + 8 <= bytes.size()) {
    const std::uint64_t hits = bytes_below(load(bytes.data() + at), 0x20);
    if (hits == 0) {
      at += 8;
      continue;
    }
    at += static_cast<std::size_t>(std::countr_zero(hits)) / 8;
    if (bytes[at] != '\t') return at;
    ++at;
  }
  for (; at < bytes.size(); ++at)
    if (static_cast<unsigned char>(bytes[at]) < 0x20 && bytes[at] != '\t') return at;
  return bytes.size();
}

// Whether all bytes are visible ASCII (0x21 to 0x7e).
[[nodiscard]] inline bool all_visible(std::string_view bytes) {
  using namespace byte_scan_detail;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    const std::uint64_t word = load(bytes.data() + at);
    // 0x7f is the only byte below 0x80 that has its high bit after adding one.
    if ((bytes_below(word, 0x21) | (word & high_bits) | ((word + ones) & high_bits)) != 0) return false;
  }
  for (; at < bytes.size(); ++at) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    if (byte < 0x21 || byte > 0x7e) return false;
  }
  return true;
}

namespace byte_scan_detail {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (const char byte :
       std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    table[static_cast<unsigned char>(byte)] = true;
  return table;
}
inline constexpr std::array<bool, 256> token_table = make_token_table();

}  // namespace byte_scan_detail

// tchar of RFC 9110 section 5.6.2.
[[nodiscard]] inline bool is_token_byte(char byte) {
  return byte_scan_detail::token_table[static_cast<unsigned char>(byte)];
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
