#include "traffic/recording/take_header.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "traffic/recording/take_bytes.hpp"

namespace understudy {

TakeHeaderBytes encode_take_header(const TakeHeader& header) {
  TakeHeaderBytes bytes;
  char* to = bytes.data();
  std::memcpy(to, take_marker.data(), take_marker.size());
  to += take_marker.size();
  to = store_le(to, header.version);
  to = store_le(to, static_cast<std::uint8_t>(header.kind));
  to = store_le(to, header.flags);
  to = store_le(to, header.number);
  to = store_le(to, header.segment);
  to = store_le(to, header.packed);
  to = store_le(to, header.unpacked);
  to = store_le(to, static_cast<std::uint64_t>(header.time_min));
  to = store_le(to, static_cast<std::uint64_t>(header.time_max));
  to = store_le(to, header.records);
  to = store_le(to, header.mask);
  to = store_le(to, header.payload_crc);
  store_le(to, take_checksum({bytes.data(), static_cast<std::size_t>(to - bytes.data())}));
  return bytes;
}

std::optional<TakeHeader> decode_take_header(std::string_view bytes) {
  if (!bytes.starts_with(take_marker)) return std::nullopt;
  constexpr std::size_t checked = take_header_size - sizeof(std::uint32_t);
  if (load_le<std::uint32_t>(bytes.data() + checked) != take_checksum(bytes.substr(0, checked))) return std::nullopt;
  const char* const from = bytes.data();
  TakeHeader header;
  header.version = load_le<std::uint8_t>(from + 8);
  header.kind = static_cast<TakeBlockKind>(load_le<std::uint8_t>(from + 9));
  header.flags = load_le<std::uint16_t>(from + 10);
  header.number = load_le<std::uint32_t>(from + 12);
  header.segment = load_le<std::uint64_t>(from + 16);
  header.packed = load_le<std::uint32_t>(from + 24);
  header.unpacked = load_le<std::uint32_t>(from + 28);
  header.time_min = static_cast<std::int64_t>(load_le<std::uint64_t>(from + 32));
  header.time_max = static_cast<std::int64_t>(load_le<std::uint64_t>(from + 40));
  header.records = load_le<std::uint32_t>(from + 48);
  header.mask = load_le<std::uint32_t>(from + 52);
  header.payload_crc = load_le<std::uint32_t>(from + 56);
  return header;
}

WallTime take_wall_time(std::int64_t nanoseconds) {
  return WallTime(Nanoseconds(std::clamp(nanoseconds, -take_time_max, take_time_max)));
}

std::uint32_t take_checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

void apply_take_mask(std::uint32_t mask, char* bytes, std::size_t size) {
  if (mask == 0) return;
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) ^ ((mask >> (8 * (i % 4))) & 0xFFU));
  }
}

}  // namespace understudy
