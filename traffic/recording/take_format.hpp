// Constants of the `.take` recording. FORMAT.md says what they mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace understudy {

// Begins every block, and so every file. A byte outside ASCII, both line ends and a ^Z, so that a transfer which
// changes text is noticed at once.
inline constexpr std::string_view take_marker{"\x89TAKE\r\n\x1a", 8};

inline constexpr std::uint8_t take_version = 1;

enum class TakeBlockKind : std::uint8_t {
  segment = 1,    // begins the blocks of one run: its origin
  exchanges = 2,  // exchanges
  ledger = 3,     // a snapshot of the ledger, for a segment that does not come to its end
  end = 4,        // ends a segment: the certificate
};

enum class TakeRecordKind : std::uint8_t {
  exchange = 1,
  origin = 2,     // names with texts
  ledger = 3,     // names with numbers
  statement = 4,  // of a converter: what it knew of its source's completeness
};

namespace take_flag {
inline constexpr std::uint16_t compressed = 1U << 0U;  // zstd
inline constexpr std::uint16_t encrypted = 1U << 1U;   // AES-256-GCM
// The next block was closed at the same moment; a reader that orders what it reads takes both before it goes on.
inline constexpr std::uint16_t more = 1U << 2U;
// The payload goes on in the next block: one large exchange, in parts.
inline constexpr std::uint16_t continued = 1U << 3U;
inline constexpr std::uint16_t known = compressed | encrypted | more | continued;
}  // namespace take_flag

// The block header, little-endian:
//   0  marker          8  version        9  kind           10 flags (2)      12 number (4)     16 segment (8)
//   24 packed (4)      28 unpacked (4)   32 time_min (8)   40 time_max (8)   48 records (4)    52 mask (4)
//   56 payload CRC (4) 60 header CRC (4)
inline constexpr std::size_t take_header_size = 64;
// What encryption authenticates of it besides the payload.
inline constexpr std::size_t take_bound_begin = 8;
inline constexpr std::size_t take_bound_end = 52;

// A block is closed when its payload reaches this. A larger exchange is cut into blocks of this size.
inline constexpr std::size_t take_block_target = std::size_t{256} << 10U;
// No block's payload is larger, unpacked or packed.
inline constexpr std::uint32_t take_payload_max = std::uint32_t{16} << 20U;
// No exchange is larger, over all its blocks. A larger one is recorded without its bodies.
inline constexpr std::uint32_t take_exchange_max = std::uint32_t{1} << 30U;

// Bytes that encryption adds: the nonce's counter in front, the tag behind.
inline constexpr std::size_t take_counter_size = 4;
inline constexpr std::size_t take_tag_size = 16;

}  // namespace understudy
