// Borrowed views of bytes, and loads in network byte order.
//
// Nothing here owns memory. A view is valid for as long as whoever handed it out says so; see PacketView and
// StreamHandler for the two places where that matters most.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace understudy {

// Bytes of a packet or a segment, borrowed.
using ByteView = std::span<const std::uint8_t>;

// The same bytes as text, for the HTTP code, which works on std::string_view. No copy.
[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Loads of big-endian integers. REQUIRES: at least sizeof the result readable at `from`.
[[nodiscard]] constexpr std::uint16_t load_be16(const std::uint8_t* from) {
  return static_cast<std::uint16_t>((from[0] << 8) | from[1]);
}
[[nodiscard]] constexpr std::uint32_t load_be32(const std::uint8_t* from) {
  return (std::uint32_t{from[0]} << 24) | (std::uint32_t{from[1]} << 16) | (std::uint32_t{from[2]} << 8) | from[3];
}

}  // namespace understudy
