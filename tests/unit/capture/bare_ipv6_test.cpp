#include "agent/capture/bare_ipv6.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/packet_builder.hpp"

namespace understudy {
namespace {

const Endpoint client = endpoint("[2001:db8::1]:40000");
const Endpoint server = endpoint("[2001:db8::2]:8080");

Bytes segment(const std::string& payload = "GET / HTTP/1.1\r\n\r\n") {
  TcpPacket packet;
  packet.source = client;
  packet.destination = server;
  packet.sequence = 0x01020304;
  packet.payload = payload;
  return tcp_header_and_payload(packet);
}

// As offloading leaves it: not computed.
Bytes without_checksum(Bytes bytes) {
  bytes[16] = 0x12;
  bytes[17] = 0x34;
  return bytes;
}

bool is_tcp(const Bytes& bytes) { return is_bare_tcp(bytes, client.address, server.address); }

TEST(BareTcp, IsKnownByItsChecksum) {
  EXPECT_TRUE(is_tcp(segment()));
  EXPECT_TRUE(is_tcp(segment("")));
  EXPECT_TRUE(is_tcp(segment("odd")));
  // What the checksum proves needs no plausible header: this looks like UDP, by the half of a sequence number.
  TcpPacket packet;
  packet.source = client;
  packet.destination = server;
  packet.sequence = 20U << 16;  // the datagram's size
  EXPECT_TRUE(is_tcp(tcp_header_and_payload(packet)));
}

TEST(BareTcp, IsKnownByItsHeaderWhereTheChecksumIsLeftToTheCard) { EXPECT_TRUE(is_tcp(without_checksum(segment()))); }

TEST(BareTcp, IsNoUdp) {
  EXPECT_FALSE(is_tcp(udp_datagram(client, server, Bytes(100, 0x50))));
  EXPECT_FALSE(is_tcp(without_checksum(udp_datagram(client, server, Bytes(100, 0x50)))));
}

TEST(BareTcp, IsNothingCutOrImpossible) {
  const Bytes whole = without_checksum(segment());
  EXPECT_FALSE(is_tcp({}));
  EXPECT_FALSE(is_tcp(Bytes(whole.begin(), whole.begin() + 19)));
  Bytes bytes = whole;
  bytes[12] = 0x40;  // a header of 16 bytes
  EXPECT_FALSE(is_tcp(bytes));
  bytes[12] = 0xf0;  // a header of 60, in 38 bytes
  EXPECT_FALSE(is_tcp(bytes));
  bytes[12] = 0x5e;  // reserved bits
  EXPECT_FALSE(is_tcp(bytes));
  bytes = whole;
  bytes[13] = 0x03;  // SYN and FIN
  EXPECT_FALSE(is_tcp(bytes));
  EXPECT_FALSE(is_tcp(Bytes(70'000, 0x50)));
}

TEST(BareIpv6, GetsTheHeaderThatItHad) {
  const Bytes payload = segment();
  Bytes packet(ipv6_header_size);
  write_ipv6_header(packet.data(), payload.size(), client.address, server.address);
  packet.insert(packet.end(), payload.begin(), payload.end());
  Bytes expected = ip_packet(client.address, server.address, 6, payload);
  EXPECT_EQ(packet, expected);
}

TEST(BareIpv6, TellsPayloadsOfSixteenBits) {
  std::array<std::uint8_t, ipv6_header_size> header{};
  write_ipv6_header(header.data(), 0xfedc, client.address, server.address);
  EXPECT_EQ(load_be16(header.data() + 4), 0xfedc);
}

}  // namespace
}  // namespace understudy
