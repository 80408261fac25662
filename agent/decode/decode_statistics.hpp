// What became of the packets: each is counted once under packets, and once more under the way it ended.
//
// Thread safety: one thread decodes; any thread may read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "traffic/base/counter.hpp"

namespace understudy {

// How a packet ended that was not handed on as a segment. The first group is normal traffic, the second is what was
// malformed, truncated or beyond a limit.
enum class PacketEnd : std::uint8_t {
  not_ip,              // ARP, LLDP, 802.11 management, ...
  not_tcp,             // UDP, ICMP, ... and no tunnel that is followed
  other_port,          // TCP, but not of the ports or addresses asked for
  fragment_held,       // a fragment that waits for the rest of its datagram
  fragment_duplicate,  // all of it had come before

  link_type_unknown,  // the interface's link type is not decoded
  link_truncated,     // ends inside a link layer header
  link_malformed,
  ip_truncated,   // ends inside an IP or extension header
  ip_malformed,   // version, header or total length wrong; more than 16 extension headers
  tcp_truncated,  // ends inside the TCP header
  tcp_malformed,  // header length wrong
  tcp_checksum,   // wrong, and asked to verify
  tunnel_truncated,
  tunnel_malformed,
  tunnel_too_deep,
  tunnel_encrypted,    // ESP, or a protected 802.11 frame
  fragment_malformed,  // beyond 65535 bytes, not a multiple of 8, contradicting ends, or itself cut by the snap length
  fragment_limit,      // no room: the limits of reassembly are reached
};
inline constexpr std::size_t packet_end_count = static_cast<std::size_t>(PacketEnd::fragment_limit) + 1;

// "other_port": for metrics and logs. A literal.
[[nodiscard]] std::string_view to_string(PacketEnd end);
// Whether it is of the second group.
[[nodiscard]] bool is_problem(PacketEnd end);

struct DecodeStatistics {
  Counter packets;
  Counter bytes;                  // captured
  Counter segments;               // handed on
  Counter segments_cut;           // handed on with `missing`: the snap length, or less on the wire than IP declares
  Counter datagrams_reassembled;  // from fragments
  Counter datagrams_expired;      // fragments given up, by age or by limit, with at least one piece missing
  Counter fragments_overlapping;  // bytes that had come before were ignored: the first copy wins
  std::array<Counter, packet_end_count> ends;

  [[nodiscard]] std::uint64_t ended(PacketEnd end) const { return ends[static_cast<std::size_t>(end)].value(); }
  [[nodiscard]] std::uint64_t problems() const;  // sum of the second group
};

}  // namespace understudy
