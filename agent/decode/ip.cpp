#include "agent/decode/ip.hpp"

#include <algorithm>

namespace understudy {
namespace {

constexpr std::uint8_t protocol_hop_by_hop = 0;
constexpr std::uint8_t protocol_ipv4 = 4;
constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::uint8_t protocol_ipv6 = 41;
constexpr std::uint8_t protocol_routing = 43;
constexpr std::uint8_t protocol_fragment = 44;
constexpr std::uint8_t protocol_gre = 47;
constexpr std::uint8_t protocol_esp = 50;
constexpr std::uint8_t protocol_authentication = 51;
constexpr std::uint8_t protocol_destination_options = 60;
constexpr std::uint8_t protocol_ether_ip = 97;
constexpr std::uint8_t protocol_mobility = 135;
constexpr std::uint8_t protocol_mpls = 137;
constexpr std::uint8_t protocol_host_identity = 139;
constexpr std::uint8_t protocol_shim6 = 140;

constexpr int extension_headers_max = 16;

Step decode_extensions(std::uint8_t protocol, Layer rest, PacketPath& path, FragmentReassembly& fragments);

Step hold(const FragmentKey& key, const Fragment& fragment, PacketPath& path, FragmentReassembly& fragments) {
  switch (fragments.add(key, fragment, path.time)) {
    case FragmentOutcome::held: return ended(PacketEnd::fragment_held);
    case FragmentOutcome::duplicate: return ended(PacketEnd::fragment_duplicate);
    case FragmentOutcome::malformed: return ended(PacketEnd::fragment_malformed);
    case FragmentOutcome::limit: return ended(PacketEnd::fragment_limit);
    case FragmentOutcome::complete: break;
  }
  const ByteView datagram = fragments.datagram();
  return decode_extensions(fragments.next_header(), {datagram, static_cast<std::uint32_t>(datagram.size())}, path,
                           fragments);
}

// What lies behind a fragment header, RFC 8200 section 4.5.
Step decode_fragment_header(Layer rest, PacketPath& path, FragmentReassembly& fragments) {
  constexpr std::size_t header = 8;
  if (rest.data.size() < header) {
    return ended(PacketEnd::ip_truncated);
  }
  const std::uint8_t next_header = rest.data[0];
  const std::uint16_t offset_and_more = load_be16(rest.data.data() + 2);
  const std::uint32_t identification = load_be32(rest.data.data() + 4);
  rest = rest.skip(header);
  if ((offset_and_more & 0xfff9) == 0) {  // a whole datagram in one ("atomic") fragment, RFC 6946
    return decode_extensions(next_header, rest, path, fragments);
  }
  if (rest.data.size() < rest.wire_length) {
    return ended(PacketEnd::fragment_malformed);
  }
  const FragmentKey key{path.source, path.destination, path.network, identification, protocol_fragment};
  const Fragment fragment{offset_and_more & 0xfff8U, (offset_and_more & 1) != 0, next_header, rest.data};
  return hold(key, fragment, path, fragments);
}

Step decode_upper(std::uint8_t protocol, const Layer& rest) {
  switch (protocol) {
    case protocol_tcp: return go_on(Protocol::tcp, rest);
    case protocol_udp: return go_on(Protocol::udp, rest);
    case protocol_ipv4:
    case protocol_ipv6: return go_on(Protocol::ip_in_ip, rest);
    case protocol_gre: return go_on(Protocol::gre, rest);
    case protocol_mpls: return go_on(Protocol::mpls, rest);
    case protocol_ether_ip: return go_on(Protocol::ethernet_in_ip, rest);
    case protocol_esp: return ended(PacketEnd::tunnel_encrypted);
    default: return ended(PacketEnd::not_tcp);
  }
}

// IPv6 extension headers, and the authentication header of both versions (RFC 4302).
Step decode_extensions(std::uint8_t protocol, Layer rest, PacketPath& path, FragmentReassembly& fragments) {
  for (int count = 0; count < extension_headers_max; ++count) {
    switch (protocol) {
      case protocol_hop_by_hop:
      case protocol_routing:
      case protocol_destination_options:
      case protocol_mobility:
      case protocol_host_identity:
      case protocol_shim6:
      case protocol_authentication: break;
      case protocol_fragment: return decode_fragment_header(rest, path, fragments);
      default: return decode_upper(protocol, rest);
    }
    if (rest.data.size() < 8) {
      return ended(PacketEnd::ip_truncated);
    }
    const std::size_t length = rest.data[1];
    const std::size_t header = protocol == protocol_authentication ? (length + 2) * 4 : (length + 1) * 8;
    protocol = rest.data[0];
    if (header > rest.data.size()) {
      return ended(header > rest.wire_length ? PacketEnd::ip_malformed : PacketEnd::ip_truncated);
    }
    rest = rest.skip(header);
  }
  return ended(PacketEnd::ip_malformed);
}

Step decode_ipv4(const Layer& packet, PacketPath& path, FragmentReassembly& fragments) {
  if (packet.data.size() < 20) {
    return ended(PacketEnd::ip_truncated);
  }
  const std::uint8_t* at = packet.data.data();
  const std::size_t header = static_cast<std::size_t>(at[0] & 0x0f) * 4;
  const std::uint32_t total = load_be16(at + 2) == 0 ? packet.wire_length : load_be16(at + 2);
  if (header < 20 || total < header) {
    return ended(PacketEnd::ip_malformed);
  }
  if (packet.data.size() < header) {
    return ended(PacketEnd::ip_truncated);
  }
  path.source = IpAddress::v4(at + 12);
  path.destination = IpAddress::v4(at + 16);
  const std::uint8_t protocol = at[9];
  // A total length beyond the wire's: the rest is missing, as after a short snap length.
  const std::size_t captured = std::min<std::size_t>(packet.data.size(), total);
  const Layer rest{packet.data.subspan(header, captured - header), total - static_cast<std::uint32_t>(header)};

  const std::uint16_t fragmentation = load_be16(at + 6);
  if ((fragmentation & 0x3fff) == 0) [[likely]] {
    return protocol == protocol_tcp              ? go_on(Protocol::tcp, rest)
           : protocol == protocol_authentication ? decode_extensions(protocol, rest, path, fragments)
                                                 : decode_upper(protocol, rest);
  }
  if (rest.data.size() < rest.wire_length) {
    return ended(PacketEnd::fragment_malformed);
  }
  const FragmentKey key{path.source, path.destination, path.network, load_be16(at + 4), protocol};
  const Fragment fragment{(fragmentation & 0x1fffU) * 8, (fragmentation & 0x2000) != 0, protocol, rest.data};
  return hold(key, fragment, path, fragments);
}

Step decode_ipv6(const Layer& packet, PacketPath& path, FragmentReassembly& fragments) {
  constexpr std::size_t header = 40;
  if (packet.data.size() < header) {
    return ended(PacketEnd::ip_truncated);
  }
  const std::uint8_t* at = packet.data.data();
  path.source = IpAddress::v6(at + 8);
  path.destination = IpAddress::v6(at + 24);
  Layer rest = packet.skip(header);
  // 0 also for jumbograms (RFC 2675), which Linux hands out for TCP beyond 64 KiB ("BIG TCP").
  if (const std::uint32_t declared = load_be16(at + 4); declared != 0) {
    rest = {rest.data.first(std::min<std::size_t>(rest.data.size(), declared)), declared};
  }
  return at[6] == protocol_tcp ? go_on(Protocol::tcp, rest) : decode_extensions(at[6], rest, path, fragments);
}

}  // namespace

Step decode_ip(const Layer& packet, PacketPath& path, FragmentReassembly& fragments) {
  if (packet.data.empty()) {
    return ended(PacketEnd::ip_truncated);
  }
  switch (packet.data[0] >> 4) {
    case 4: return decode_ipv4(packet, path, fragments);
    case 6: return decode_ipv6(packet, path, fragments);
    default: return ended(PacketEnd::ip_malformed);
  }
}

}  // namespace understudy
