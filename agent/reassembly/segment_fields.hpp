// What reassembly asks of a segment's fields.
#pragma once

#include <cstdint>

#include "agent/decode/segment.hpp"

namespace understudy {

// How far a number in a handshake may be from where it belongs: the data in a SYN, or bytes captured before it.
inline constexpr std::int64_t handshake_leeway_bytes = 65535;

[[nodiscard]] inline bool has_flag(const TcpSegment& segment, std::uint8_t flag) { return (segment.flags & flag) != 0; }

// Bytes of payload on the wire, captured or not.
[[nodiscard]] inline std::uint32_t payload_length(const TcpSegment& segment) {
  return static_cast<std::uint32_t>(segment.payload.size()) + segment.missing;
}

}  // namespace understudy
