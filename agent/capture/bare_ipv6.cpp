#include "agent/capture/bare_ipv6.hpp"

#include <algorithm>

namespace understudy {
namespace {

constexpr std::uint8_t protocol_tcp = 6;
constexpr std::size_t tcp_header_min = 20;
constexpr std::size_t udp_header = 8;

std::uint32_t add_words(std::uint32_t sum, ByteView bytes) {
  std::size_t at = 0;
  for (; at + 1 < bytes.size(); at += 2) sum += load_be16(bytes.data() + at);
  return at < bytes.size() ? sum + (std::uint32_t{bytes[at]} << 8) : sum;
}

// RFC 8200 section 8.1. At most 64 KiB are added, so that 32 bits hold the sum.
bool tcp_checksum_holds(ByteView payload, const IpAddress& source, const IpAddress& destination) {
  std::uint32_t sum = protocol_tcp + static_cast<std::uint32_t>(payload.size());
  sum = add_words(sum, source.bytes);
  sum = add_words(sum, destination.bytes);
  sum = add_words(sum, payload);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

}  // namespace

bool is_bare_tcp(ByteView payload, const IpAddress& source, const IpAddress& destination) {
  if (payload.size() < tcp_header_min || payload.size() > 0xffff) return false;
  const std::size_t header = static_cast<std::size_t>(payload[12] >> 4) * 4;
  if (header < tcp_header_min || header > payload.size()) return false;
  if (tcp_checksum_holds(payload, source, destination)) return true;
  const bool has_udp_length = load_be16(payload.data() + 4) == payload.size() && payload.size() >= udp_header;
  const bool reserved_bits = (payload[12] & 0x0e) != 0;
  const std::uint8_t flags = payload[13];
  const bool syn_and_end = (flags & 0x02) != 0 && (flags & 0x05) != 0;
  return !has_udp_length && !reserved_bits && !syn_and_end;
}

void write_ipv6_header(std::uint8_t* to, std::size_t payload_size, const IpAddress& source,
                       const IpAddress& destination) {
  std::fill_n(to, ipv6_header_size, std::uint8_t{0});
  to[0] = 0x60;
  to[4] = static_cast<std::uint8_t>(payload_size >> 8);
  to[5] = static_cast<std::uint8_t>(payload_size);
  to[6] = protocol_tcp;
  to[7] = 64;  // hop limit: not told
  std::copy(source.bytes.begin(), source.bytes.end(), to + 8);
  std::copy(destination.bytes.begin(), destination.bytes.end(), to + 24);
}

}  // namespace understudy
