// What stands between two layers of a packet. Each layer is a function from the bytes it begins at to the Step behind
// it; Decoder goes from step to step. No layer keeps state but the reassembly of fragments.
#pragma once

#include <cstddef>
#include <cstdint>

#include "agent/decode/decode_statistics.hpp"
#include "traffic/base/bytes.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/endpoint.hpp"

namespace understudy {

enum class Protocol : std::uint8_t {
  ended,  // Step::end says why
  tcp,
  ip,  // version 4 or 6, by its own first bits
  udp,
  ethernet,
  linux_cooked,
  linux_cooked_v2,
  bsd_loopback,
  nflog,
  ppp,
  ppp_directed,  // PPP behind a byte of direction
  pppoe,
  cisco_hdlc,
  radiotap,
  ieee80211,
  mpls,
  ip_in_ip,
  ethernet_in_ip,
  gre,
  erspan2,
  erspan3,
  vxlan,
  vxlan_gpe,
  geneve,
  gtp_u,
};

// The bytes that a layer begins at. Borrowed from the packet.
struct Layer {
  ByteView data;                  // captured
  std::uint32_t wire_length = 0;  // on the wire; at least data.size()

  // REQUIRES: count <= data.size().
  [[nodiscard]] Layer skip(std::size_t count) const {
    return {data.subspan(count), wire_length - static_cast<std::uint32_t>(count)};
  }
  // Without what lies behind the first `length` bytes: padding, checksums of the link layer.
  [[nodiscard]] Layer trim(std::uint32_t length) const {
    return {data.first(data.size() < length ? data.size() : length), wire_length < length ? wire_length : length};
  }
};

struct Step {
  Protocol next = Protocol::ended;
  PacketEnd end = PacketEnd::not_ip;
  Layer rest;
};

[[nodiscard]] inline Step go_on(Protocol next, const Layer& rest) { return {next, PacketEnd::not_ip, rest}; }
[[nodiscard]] inline Step ended(PacketEnd why) { return {Protocol::ended, why, {}}; }

// What the outer layers leave for TCP.
struct PacketPath {
  IpAddress source;
  IpAddress destination;
  std::uint32_t network = 0;  // as in TcpSegment
  WallTime time;
};

}  // namespace understudy
