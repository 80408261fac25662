#include "tests/support/packet_builder.hpp"

#include <algorithm>
#include <optional>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::uint8_t protocol_fragment = 44;

void put_be16(Bytes& to, std::uint32_t value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8));
  to.push_back(static_cast<std::uint8_t>(value));
}

void put_be32(Bytes& to, std::uint32_t value) {
  put_be16(to, value >> 16);
  put_be16(to, value & 0xffff);
}

void set_be16(Bytes& in, std::size_t at, std::uint32_t value) {
  in.at(at) = static_cast<std::uint8_t>(value >> 8);
  in.at(at + 1) = static_cast<std::uint8_t>(value);
}

void append(Bytes& to, const Bytes& more) { to.insert(to.end(), more.begin(), more.end()); }

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

// RFC 1071 over the bytes, without the final complement.
std::uint32_t sum_words(const Bytes& bytes, std::uint32_t sum = 0) {
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i] << 8) + (i + 1 < bytes.size() ? bytes[i + 1] : 0U);
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum;
}

std::uint32_t checksum(const Bytes& bytes, std::uint32_t sum = 0) { return ~sum_words(bytes, sum) & 0xffff; }

std::uint32_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
                                std::size_t length) {
  Bytes pseudo(source.bytes.begin(), source.bytes.end());  // the unused bytes of IPv4 are zero and add nothing
  append(pseudo, Bytes(destination.bytes.begin(), destination.bytes.end()));
  put_be32(pseudo, static_cast<std::uint32_t>(length));
  put_be32(pseudo, protocol);
  return sum_words(pseudo);
}

void append_address(Bytes& to, const IpAddress& address) {
  to.insert(to.end(), address.bytes.begin(), address.bytes.begin() + (address.is_v6 ? 16 : 4));
}

}  // namespace

Endpoint endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  CHECK(colon != std::string_view::npos);
  std::string_view address = text.substr(0, colon);
  if (address.starts_with('[')) {
    address = address.substr(1, address.size() - 2);
  }
  const std::optional<IpAddress> parsed = IpAddress::parse(address);
  CHECK(parsed.has_value());
  return {*parsed, static_cast<std::uint16_t>(std::stoi(std::string(text.substr(colon + 1))))};
}

WallTime test_epoch() { return WallTime(std::chrono::seconds(1704067200)); }

TcpSegment TcpPacket::segment() const {
  TcpSegment segment;
  segment.source = source;
  segment.destination = destination;
  segment.sequence = sequence;
  segment.acknowledgment = acknowledgment;
  segment.window = window;
  segment.flags = flags;
  segment.payload = as_bytes(payload);
  segment.time = time;
  return segment;
}

PacketView CapturedPacket::view() const {
  const auto captured = static_cast<std::uint32_t>(data.size());
  return {data, wire_length == 0 ? captured : wire_length, link_type, time};
}

Bytes tcp_header_and_payload(const TcpPacket& packet) {
  CHECK(packet.options.size() % 4 == 0 && packet.options.size() <= 40);
  Bytes out;
  put_be16(out, packet.source.port);
  put_be16(out, packet.destination.port);
  put_be32(out, packet.sequence);
  put_be32(out, packet.acknowledgment);
  out.push_back(static_cast<std::uint8_t>((5 + packet.options.size() / 4) << 4));
  out.push_back(packet.flags);
  put_be16(out, packet.window);
  put_be32(out, 0);  // checksum, urgent pointer
  append(out, packet.options);
  append(out, bytes_of(packet.payload));
  const std::uint32_t sum =
      pseudo_header_sum(packet.source.address, packet.destination.address, protocol_tcp, out.size());
  set_be16(out, 16, checksum(out, sum));
  return out;
}

Bytes udp_datagram(const Endpoint& source, const Endpoint& destination, const Bytes& payload) {
  Bytes out;
  put_be16(out, source.port);
  put_be16(out, destination.port);
  put_be16(out, static_cast<std::uint32_t>(payload.size() + 8));
  put_be16(out, 0);
  append(out, payload);
  set_be16(out, 6, checksum(out, pseudo_header_sum(source.address, destination.address, protocol_udp, out.size())));
  return out;
}

Bytes ip_packet(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol, const Bytes& payload,
                const IpFields& fields) {
  CHECK(source.is_v6 == destination.is_v6);
  Bytes out;
  if (source.is_v6) {
    put_be32(out, 0x60000000);
    put_be16(out, static_cast<std::uint32_t>(payload.size()));
    out.push_back(protocol);
    out.push_back(fields.time_to_live);
    append_address(out, source);
    append_address(out, destination);
  } else {
    CHECK(fields.options.size() % 4 == 0 && fields.options.size() <= 40);
    const std::size_t header = 20 + fields.options.size();
    out.push_back(static_cast<std::uint8_t>(0x40 | (header / 4)));
    out.push_back(0);
    put_be16(out, static_cast<std::uint32_t>(header + payload.size()));
    put_be16(out, fields.identification);
    put_be16(out, 0);
    out.push_back(fields.time_to_live);
    out.push_back(protocol);
    put_be16(out, 0);
    append_address(out, source);
    append_address(out, destination);
    append(out, fields.options);
    set_be16(out, 10, checksum(out));
  }
  append(out, payload);
  return out;
}

Bytes ip_packet(const TcpPacket& packet, const IpFields& fields) {
  return ip_packet(packet.source.address, packet.destination.address, protocol_tcp, tcp_header_and_payload(packet),
                   fields);
}

std::vector<Bytes> ip_fragments(const Bytes& packet, std::size_t payload_size, std::uint32_t identification) {
  const bool v6 = packet.at(0) >> 4 == 6;
  const std::size_t header = v6 ? 40 : static_cast<std::size_t>(packet.at(0) & 15) * 4;
  const std::size_t step = payload_size / 8 * 8;
  CHECK(step > 0);
  const auto at = [&](std::size_t offset) { return packet.begin() + static_cast<std::ptrdiff_t>(offset); };
  std::vector<Bytes> fragments;
  for (std::size_t offset = header; offset < packet.size(); offset += step) {
    const std::size_t end = std::min(offset + step, packet.size());
    const bool more = end < packet.size();
    const auto units = static_cast<std::uint32_t>((offset - header) / 8);
    Bytes fragment(at(0), at(header));
    if (v6) {
      fragment[6] = protocol_fragment;
      set_be16(fragment, 4, static_cast<std::uint32_t>(end - offset + 8));
      fragment.push_back(packet[6]);
      fragment.push_back(0);
      put_be16(fragment, units << 3 | (more ? 1U : 0U));
      put_be32(fragment, identification);
    } else {
      set_be16(fragment, 2, static_cast<std::uint32_t>(header + end - offset));
      set_be16(fragment, 4, identification);
      set_be16(fragment, 6, units | (more ? 0x2000U : 0U));
      set_be16(fragment, 10, 0);
      set_be16(fragment, 10, checksum(fragment));
    }
    fragment.insert(fragment.end(), at(offset), at(end));
    fragments.push_back(std::move(fragment));
  }
  return fragments;
}

Bytes ethernet_frame(std::uint16_t ether_type, const Bytes& payload) {
  Bytes out = from_hex("02 00 00 00 00 02  02 00 00 00 00 01");
  put_be16(out, ether_type);
  append(out, payload);
  return out;
}

Bytes ethernet_frame(const Bytes& ip_packet, const EthernetFields& fields) {
  const bool v6 = !ip_packet.empty() && ip_packet[0] >> 4 == 6;
  Bytes tags;
  std::uint16_t first_type = 0;
  for (std::size_t i = 0; i < fields.vlans.size(); ++i) {
    const std::uint16_t type = i + 1 == fields.vlans.size() ? 0x8100 : 0x88a8;
    if (i == 0) {
      first_type = type;
    } else {
      put_be16(tags, type);
    }
    put_be16(tags, fields.vlans[i]);
  }
  const std::uint16_t ip_type = v6 ? 0x86dd : 0x0800;
  if (first_type == 0) {
    first_type = ip_type;
  } else {
    put_be16(tags, ip_type);
  }
  Bytes out = ethernet_frame(first_type, concatenate(tags, ip_packet));
  out.resize(std::max(out.size(), fields.minimum_size));
  return out;
}

Bytes concatenate(const Bytes& a, const Bytes& b) {
  Bytes out = a;
  append(out, b);
  return out;
}

Bytes from_hex(std::string_view text) {
  Bytes out;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n') {
      continue;
    }
    const std::string_view digits = "0123456789abcdef";
    const std::size_t digit = digits.find(c);
    CHECK(digit != std::string_view::npos);
    if (high < 0) {
      high = static_cast<int>(digit);
    } else {
      out.push_back(static_cast<std::uint8_t>(static_cast<std::size_t>(high) << 4 | digit));
      high = -1;
    }
  }
  CHECK(high < 0);
  return out;
}

}  // namespace understudy
