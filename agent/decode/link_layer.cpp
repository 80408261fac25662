#include "agent/decode/link_layer.hpp"

#include <algorithm>

namespace understudy {
namespace {

constexpr std::size_t vlan_tags_max = 4;
constexpr std::uint16_t ether_type_min = 0x0600;  // below it the field is a length (IEEE 802.3) or a cooked number

Protocol protocol_of(LinkType link_type) {
  switch (link_type) {
    case 1: return Protocol::ethernet;
    case 0:
    case 108: return Protocol::bsd_loopback;
    case 12:  // DLT_RAW where a writer stored libpcap's own number
    case 14:
    case 101:
    case 228:
    case 229: return Protocol::ip;
    case 113: return Protocol::linux_cooked;
    case 276: return Protocol::linux_cooked_v2;
    case 9:
    case 50:
    case 166: return Protocol::ppp;
    case 204: return Protocol::ppp_directed;
    case 51: return Protocol::pppoe;
    case 104: return Protocol::cisco_hdlc;
    case 105: return Protocol::ieee80211;
    case 127: return Protocol::radiotap;
    case 239: return Protocol::nflog;
    default: return Protocol::ended;
  }
}

bool is_vlan(std::uint16_t type) { return type == 0x8100 || type == 0x88a8 || (type & 0xfcff) == 0x9000; }

// Address families of IP as the writing system numbers them: AF_INET is 2 everywhere, AF_INET6 is not.
bool is_ip_family(std::uint32_t family) {
  return family == 2 || family == 10 || family == 23 || family == 24 || family == 28 || family == 30;
}

std::uint16_t load_le16(const std::uint8_t* from) { return static_cast<std::uint16_t>(from[0] | (from[1] << 8)); }

Step decode_tags(std::uint16_t type, Layer rest) {
  for (std::size_t tags = 0; is_vlan(type); ++tags) {
    if (tags == vlan_tags_max) {
      return ended(PacketEnd::link_malformed);
    }
    if (rest.data.size() < 4) {
      return ended(PacketEnd::link_truncated);
    }
    type = load_be16(rest.data.data() + 2);
    rest = rest.skip(4);
  }
  return decode_ether_type(type, rest);
}

}  // namespace

Step enter_link(const PacketView& packet) {
  const auto captured = static_cast<std::uint32_t>(packet.data.size());
  const Protocol first = protocol_of(packet.link_type);
  return {first, PacketEnd::link_type_unknown, {packet.data, std::max(captured, packet.wire_length)}};
}

Step decode_ethernet(const Layer& frame) {
  constexpr std::size_t header = 14;
  if (frame.data.size() < header) {
    return ended(PacketEnd::link_truncated);
  }
  const std::uint16_t type = load_be16(frame.data.data() + 12);
  const Layer rest = frame.skip(header);
  return type < ether_type_min ? decode_llc(rest.trim(type)) : decode_ether_type(type, rest);
}

Step decode_ether_type(std::uint16_t type, const Layer& rest) {
  if (is_vlan(type)) {
    return decode_tags(type, rest);
  }
  switch (type) {
    case 0x0800:
    case 0x86dd: return go_on(Protocol::ip, rest);
    case 0x8847:
    case 0x8848: return go_on(Protocol::mpls, rest);
    case 0x8864: return go_on(Protocol::pppoe, rest);
    case 0x6558: return go_on(Protocol::ethernet, rest);  // transparent Ethernet bridging
    case 0x88be: return go_on(Protocol::erspan2, rest);
    case 0x22eb: return go_on(Protocol::erspan3, rest);
    default: return type < ether_type_min ? decode_llc(rest) : ended(PacketEnd::not_ip);
  }
}

Step decode_llc(const Layer& rest) {
  if (rest.data.size() < 8) {
    return ended(rest.wire_length < 8 ? PacketEnd::not_ip : PacketEnd::link_truncated);
  }
  const std::uint8_t* llc = rest.data.data();
  const bool snap = llc[0] == 0xaa && llc[1] == 0xaa && llc[2] == 0x03;
  const std::uint16_t type = load_be16(llc + 6);
  // A type that is a length again would lead in a circle; SNAP never carries one.
  return snap && type >= ether_type_min ? decode_ether_type(type, rest.skip(8)) : ended(PacketEnd::not_ip);
}

Step decode_linux_cooked(const Layer& packet) {
  constexpr std::size_t header = 16;
  if (packet.data.size() < header) {
    return ended(PacketEnd::link_truncated);
  }
  return decode_ether_type(load_be16(packet.data.data() + 14), packet.skip(header));
}

Step decode_linux_cooked_v2(const Layer& packet) {
  constexpr std::size_t header = 20;
  if (packet.data.size() < header) {
    return ended(PacketEnd::link_truncated);
  }
  return decode_ether_type(load_be16(packet.data.data()), packet.skip(header));
}

Step decode_bsd_loopback(const Layer& packet) {
  if (packet.data.size() < 4) {
    return ended(PacketEnd::link_truncated);
  }
  // NULL has the writer's byte order, LOOP the network's; the numbers are small, so both can be tried.
  const std::uint32_t big = load_be32(packet.data.data());
  const std::uint32_t little = __builtin_bswap32(big);
  return is_ip_family(big) || is_ip_family(little) ? go_on(Protocol::ip, packet.skip(4)) : ended(PacketEnd::not_ip);
}

Step decode_nflog(const Layer& packet) {
  constexpr std::uint16_t attribute_payload = 9;
  if (packet.data.size() < 4) {
    return ended(PacketEnd::link_truncated);
  }
  // Attributes: length (with its own 4 bytes) and type in the writer's byte order, padded to 4 bytes.
  for (Layer rest = packet.skip(4); rest.data.size() >= 4;) {
    const std::uint16_t length = load_le16(rest.data.data());
    if (length < 4) {
      return ended(PacketEnd::link_malformed);
    }
    if (load_le16(rest.data.data() + 2) == attribute_payload) {
      return go_on(Protocol::ip, rest.trim(length).skip(4));
    }
    const std::size_t padded = (std::size_t{length} + 3) / 4 * 4;
    if (padded > rest.data.size()) {
      return ended(PacketEnd::link_truncated);
    }
    rest = rest.skip(padded);
  }
  return ended(PacketEnd::not_ip);
}

}  // namespace understudy
