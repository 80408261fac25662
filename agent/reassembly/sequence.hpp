// Serial arithmetic of sequence numbers (RFC 1982, RFC 9293 section 3.4), and positions that never wrap.
//
// A position is a 64-bit number whose low 32 bits are the TCP sequence number. Streams begin at 2^32 or above, so that
// positions before their first byte exist as well.
#pragma once

#include <cstdint>

namespace understudy {

// The distance from `from` to `to`, negative when `to` comes before. REQUIRES: less than 2^31 apart, else ambiguous.
[[nodiscard]] constexpr std::int32_t sequence_distance(std::uint32_t from, std::uint32_t to) {
  return static_cast<std::int32_t>(to - from);
}

[[nodiscard]] constexpr std::uint64_t first_position(std::uint32_t sequence) {
  return (std::uint64_t{1} << 32) + sequence;
}

// The position with this sequence number that is nearest to `near`. REQUIRES: near >= 2^31.
[[nodiscard]] constexpr std::uint64_t position_near(std::uint32_t sequence, std::uint64_t near) {
  const std::int64_t distance = sequence_distance(static_cast<std::uint32_t>(near), sequence);
  return near + static_cast<std::uint64_t>(distance);
}

}  // namespace understudy
