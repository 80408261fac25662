#include "agent/decode/tcp.hpp"

#include <algorithm>

namespace understudy {
namespace {

// RFC 1071, words in network order, without the final complement.
std::uint64_t sum_words(ByteView bytes) {
  std::uint64_t sum = 0;
  std::size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) {
    sum += load_be16(bytes.data() + i);
  }
  return i < bytes.size() ? sum + (std::uint64_t{bytes[i]} << 8) : sum;
}

}  // namespace

std::optional<PacketEnd> decode_tcp(const Layer& rest, const PacketPath& path, TcpSegment& segment) {
  constexpr std::size_t header_min = 20;
  if (rest.data.size() < header_min) {
    return rest.wire_length < header_min ? PacketEnd::tcp_malformed : PacketEnd::tcp_truncated;
  }
  const std::uint8_t* at = rest.data.data();
  const std::uint32_t header = static_cast<std::uint32_t>(at[12] >> 4) * 4;
  if (header < header_min || header > rest.wire_length) {
    return PacketEnd::tcp_malformed;
  }
  segment.source = {path.source, load_be16(at)};
  segment.destination = {path.destination, load_be16(at + 2)};
  segment.network = path.network;
  segment.sequence = load_be32(at + 4);
  segment.acknowledgment = load_be32(at + 8);
  segment.flags = at[13];
  segment.window = load_be16(at + 14);
  segment.payload = rest.data.subspan(std::min<std::size_t>(header, rest.data.size()));
  segment.missing = rest.wire_length - header - static_cast<std::uint32_t>(segment.payload.size());
  segment.time = path.time;
  return std::nullopt;
}

bool tcp_checksum_is_right(const Layer& rest, const PacketPath& path) {
  constexpr std::uint64_t protocol = 6;
  if (rest.data.size() < rest.wire_length) {
    return false;
  }
  // The unused bytes of an IPv4 address are zero, so that one sum serves both versions.
  std::uint64_t sum = protocol + rest.data.size() + sum_words(path.source.bytes) + sum_words(path.destination.bytes) +
                      sum_words(rest.data);
  while (sum >> 16 != 0) {
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum == 0xffff;
}

}  // namespace understudy
