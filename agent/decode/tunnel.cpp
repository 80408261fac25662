#include "agent/decode/tunnel.hpp"

#include "agent/decode/link_layer.hpp"

namespace understudy {
namespace {

std::uint32_t network_identifier(const std::uint8_t* at) { return load_be32(at) >> 8; }

// How long a GRE header is, by its flags; 0 when the captured bytes end inside it.
std::size_t gre_header_length(ByteView data, std::uint16_t flags) {
  constexpr std::uint16_t checksum = 0x8000;
  constexpr std::uint16_t routing = 0x4000;
  constexpr std::uint16_t key = 0x2000;
  constexpr std::uint16_t sequence = 0x1000;
  constexpr std::uint16_t acknowledgment = 0x0080;  // version 1 only (RFC 2637)
  std::size_t length = 4;
  length += (flags & (checksum | routing)) != 0 ? 4U : 0U;
  length += (flags & key) != 0 ? 4U : 0U;
  length += (flags & sequence) != 0 ? 4U : 0U;
  length += (flags & 7) == 1 && (flags & acknowledgment) != 0 ? 4U : 0U;
  while ((flags & routing) != 0) {  // RFC 1701: entries up to an empty one
    if (length + 4 > data.size()) {
      return 0;
    }
    const std::size_t entry = data[length + 3];
    length += 4 + entry;
    if (entry == 0) {
      break;
    }
  }
  return length <= data.size() ? length : 0;
}

}  // namespace

Step decode_mpls(Layer stack) {
  constexpr int labels_max = 16;
  bool bottom = false;
  for (int labels = 0; !bottom; ++labels) {
    if (labels == labels_max) {
      return ended(PacketEnd::tunnel_malformed);
    }
    if (stack.data.size() < 4) {
      return ended(PacketEnd::tunnel_truncated);
    }
    bottom = (stack.data[2] & 1) != 0;
    stack = stack.skip(4);
  }
  // Nothing names what a label carries. IP tells by its version; a pseudowire of Ethernet may have a control word of
  // zeros in front of it (RFC 4385).
  if (stack.data.size() < 4) {
    return ended(PacketEnd::tunnel_truncated);
  }
  const int version = stack.data[0] >> 4;
  if (version == 4 || version == 6) {
    return go_on(Protocol::ip, stack);
  }
  return go_on(Protocol::ethernet, load_be32(stack.data.data()) == 0 ? stack.skip(4) : stack);
}

Step decode_ethernet_in_ip(const Layer& packet) {
  constexpr std::size_t header = 2;
  return packet.data.size() < header ? ended(PacketEnd::tunnel_truncated)
                                     : go_on(Protocol::ethernet, packet.skip(header));
}

Step decode_gre(const Layer& packet) {
  constexpr std::uint16_t type_ppp = 0x880b;
  constexpr std::uint16_t type_erspan = 0x88be;
  constexpr std::uint16_t sequence = 0x1000;
  if (packet.data.size() < 4) {
    return ended(PacketEnd::tunnel_truncated);
  }
  const std::uint16_t flags = load_be16(packet.data.data());
  const std::uint16_t type = load_be16(packet.data.data() + 2);
  if ((flags & 7) > 1) {
    return ended(PacketEnd::tunnel_malformed);
  }
  const std::size_t header = gre_header_length(packet.data, flags);
  if (header == 0) {
    return ended(PacketEnd::tunnel_truncated);
  }
  const Layer rest = packet.skip(header);
  if ((flags & 7) == 1) {
    const bool acknowledgment_only = rest.wire_length == 0;
    return type == type_ppp && !acknowledgment_only ? go_on(Protocol::ppp, rest) : ended(PacketEnd::not_ip);
  }
  if (type == type_erspan && (flags & sequence) == 0) {
    return go_on(Protocol::ethernet, rest);  // type I has no header of its own
  }
  return decode_ether_type(type, rest);
}

Step decode_erspan2(const Layer& packet) {
  constexpr std::size_t header = 8;
  return packet.data.size() < header ? ended(PacketEnd::tunnel_truncated)
                                     : go_on(Protocol::ethernet, packet.skip(header));
}

Step decode_erspan3(const Layer& packet) {
  std::size_t header = 12;
  if (packet.data.size() < header) {
    return ended(PacketEnd::tunnel_truncated);
  }
  header += (packet.data[11] & 1) != 0 ? 8U : 0U;  // an optional part of the platform's own
  return packet.data.size() < header ? ended(PacketEnd::tunnel_truncated)
                                     : go_on(Protocol::ethernet, packet.skip(header));
}

Step decode_udp(const Layer& datagram) {
  constexpr std::size_t header = 8;
  if (datagram.data.size() < header) {
    return ended(PacketEnd::not_tcp);
  }
  const Layer rest = datagram.skip(header);
  switch (load_be16(datagram.data.data() + 2)) {
    case 4789:
    case 8472: return go_on(Protocol::vxlan, rest);  // 8472: what Linux used before the number was assigned
    case 4790: return go_on(Protocol::vxlan_gpe, rest);
    case 6081: return go_on(Protocol::geneve, rest);
    case 2152: return go_on(Protocol::gtp_u, rest);
    case 4754: return go_on(Protocol::gre, rest);
    case 6635: return go_on(Protocol::mpls, rest);
    default: return ended(PacketEnd::not_tcp);
  }
}

Step decode_vxlan(const Layer& packet, PacketPath& path) {
  constexpr std::size_t header = 8;
  constexpr std::uint8_t has_identifier = 0x08;
  if (packet.data.size() < header) {
    return ended(PacketEnd::tunnel_truncated);
  }
  if ((packet.data[0] & has_identifier) == 0) {
    return ended(PacketEnd::tunnel_malformed);
  }
  path.network = network_identifier(packet.data.data() + 4) + 1;
  return go_on(Protocol::ethernet, packet.skip(header));
}

Step decode_vxlan_gpe(const Layer& packet, PacketPath& path) {
  constexpr std::size_t header = 8;
  if (packet.data.size() < header) {
    return ended(PacketEnd::tunnel_truncated);
  }
  path.network = network_identifier(packet.data.data() + 4) + 1;
  switch (packet.data[3]) {
    case 1:
    case 2: return go_on(Protocol::ip, packet.skip(header));
    case 3: return go_on(Protocol::ethernet, packet.skip(header));
    case 5: return go_on(Protocol::mpls, packet.skip(header));
    default: return ended(PacketEnd::not_ip);
  }
}

Step decode_geneve(const Layer& packet, PacketPath& path) {
  if (packet.data.size() < 8) {
    return ended(PacketEnd::tunnel_truncated);
  }
  if (packet.data[0] >> 6 != 0) {
    return ended(PacketEnd::tunnel_malformed);
  }
  const std::size_t header = 8 + std::size_t{packet.data[0] & 0x3fU} * 4;
  if (packet.data.size() < header) {
    return ended(PacketEnd::tunnel_truncated);
  }
  path.network = network_identifier(packet.data.data() + 4) + 1;
  return decode_ether_type(load_be16(packet.data.data() + 2), packet.skip(header));
}

Step decode_gtp_u(const Layer& packet) {
  constexpr std::uint8_t message_user_data = 255;
  if (packet.data.size() < 8) {
    return ended(PacketEnd::tunnel_truncated);
  }
  if (packet.data[0] >> 4 != 3) {  // version 1, and GTP rather than GTP'
    return ended(PacketEnd::tunnel_malformed);
  }
  if (packet.data[1] != message_user_data) {
    return ended(PacketEnd::not_ip);
  }
  std::size_t header = 8;
  if ((packet.data[0] & 7) != 0) {
    // Sequence number, N-PDU number and the type of the first extension header, present together. Each extension header
    // counts itself in words of 4 bytes and ends with the type of the next.
    header = 12;
    while (header <= packet.data.size() && packet.data[header - 1] != 0) {
      if (header == packet.data.size()) {
        return ended(PacketEnd::tunnel_truncated);
      }
      const std::size_t extension = std::size_t{packet.data[header]} * 4;
      if (extension == 0) {
        return ended(PacketEnd::tunnel_malformed);
      }
      header += extension;
    }
  }
  return header > packet.data.size() ? ended(PacketEnd::tunnel_truncated) : go_on(Protocol::ip, packet.skip(header));
}

}  // namespace understudy
