// The header of a `.take` block, to and from its 64 bytes.
//
// Thread safety: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "traffic/base/clock.hpp"
#include "traffic/recording/take_format.hpp"

namespace understudy {

struct TakeHeader {
  std::uint8_t version = take_version;
  TakeBlockKind kind = TakeBlockKind::exchanges;  // may be none of the enumerators, in a file of a later version
  std::uint16_t flags = 0;
  std::uint32_t number = 0;   // within the segment, from 0 on
  std::uint64_t segment = 0;  // random
  std::uint32_t packed = 0;   // bytes of the payload that follows
  std::uint32_t unpacked = 0;
  std::int64_t time_min = 0;  // of the exchanges' requests' first bytes, in ns since 1970; 0 in other blocks
  std::int64_t time_max = 0;
  std::uint32_t records = 0;
  std::uint32_t mask = 0;
  std::uint32_t payload_crc = 0;

  [[nodiscard]] bool has(std::uint16_t flag) const { return (flags & flag) != 0; }
};

using TakeHeaderBytes = std::array<char, take_header_size>;

// With the header's own checksum.
[[nodiscard]] TakeHeaderBytes encode_take_header(const TakeHeader& header);
// Nothing when the marker or the checksum is wrong. REQUIRES: at least take_header_size bytes.
[[nodiscard]] std::optional<TakeHeader> decode_take_header(std::string_view bytes);

// Times that a recording may hold, from 1824 to 2116, so that differences of any two fit into 64 bits.
inline constexpr std::int64_t take_time_max = (std::int64_t{1} << 62U) - 1;
// A header's time, brought into that range: nobody vouches for it.
[[nodiscard]] WallTime take_wall_time(std::int64_t nanoseconds);

// CRC-32 of ISO 3309, as in zlib and gzip.
[[nodiscard]] std::uint32_t take_checksum(std::string_view bytes);

// Exclusive or with the mask's four bytes, little-endian, over and over, in place. Its own inverse.
void apply_take_mask(std::uint32_t mask, char* bytes, std::size_t size);

}  // namespace understudy
