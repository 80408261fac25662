#include "agent/decode/tunnel.hpp"

#include "tests/unit/decode/decode_fixture.hpp"

namespace understudy {
namespace {

const IpAddress outer_a = endpoint("192.0.2.1:0").address;
const IpAddress outer_b = endpoint("192.0.2.2:0").address;

// A tunnel's header in hex in front of the inner packet.
struct Case {
  const char* name;
  std::uint8_t protocol;   // of the outer IP header
  std::uint16_t udp_port;  // 0: not in UDP
  const char* header;
  bool inner_ethernet;
  std::uint32_t network = 0;
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

Bytes build(const Case& one, const TcpPacket& packet) {
  const Bytes inner = one.inner_ethernet ? ethernet_frame(ip_packet(packet)) : ip_packet(packet);
  Bytes payload = concatenate(from_hex(one.header), inner);
  if (one.udp_port != 0) {
    payload = udp_datagram({outer_a, 50000}, {outer_b, one.udp_port}, payload);
  }
  return ethernet_frame(ip_packet(outer_a, outer_b, one.protocol, payload));
}

class Tunnels : public DecodeFixture, public testing::WithParamInterface<Case> {};

TEST_P(Tunnels, LeadToTheInnerSegment) {
  decode(build(GetParam(), request_v4()));
  expect_one(request_v4());
  EXPECT_EQ(log.segments.at(0).segment.network, GetParam().network);
}

TEST_P(Tunnels, CarryIpv6) {
  decode(build(GetParam(), request_v6()));
  expect_one(request_v6());
}

TEST_P(Tunnels, SurviveEveryCut) {
  const Bytes whole = build(GetParam(), request_v4());
  for (std::size_t captured = 0; captured < whole.size(); ++captured) {
    decode_cut(whole, captured);
  }
  EXPECT_EQ(decoder->statistics().segments.value(), request_v4().payload.size());
}

TEST_P(Tunnels, AreLeftAloneWhenNotAskedFor) {
  DecodeOptions options;
  options.tunnels = false;
  use(options);
  decode(build(GetParam(), request_v4()));
  EXPECT_TRUE(log.segments.empty());
  EXPECT_EQ(ended(PacketEnd::not_tcp), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    All, Tunnels,
    testing::Values(Case{"gre", 47, 0, "0000 0800", false}, Case{"gre_key", 47, 0, "2000 0800 00000007", false},
                    Case{"gre_checksum_key_sequence", 47, 0, "b000 0800 00000000 00000007 00000001", false},
                    Case{"gre_routing", 47, 0, "4000 0800 00000000 0800 00 04 01020304 0000 00 00", false},
                    Case{"nvgre", 47, 0, "2000 6558 00006400", true}, Case{"erspan_1", 47, 0, "0000 88be", true},
                    Case{"erspan_2", 47, 0, "1000 88be 00000001 10010000 00000000", true},
                    Case{"erspan_3", 47, 0, "1000 22eb 00000001 20010000 00000000 00000000", true},
                    Case{"erspan_3_platform", 47, 0, "1000 22eb 00000001 20010000 00000000 00000001 0000000000000000",
                         true},
                    Case{"pptp", 47, 0, "3081 880b 00200001 00000001 00000002 ff03 0021", false},
                    Case{"ip_in_ip", 4, 0, "", false}, Case{"ether_ip", 97, 0, "3000", true},
                    Case{"mpls_in_udp", 17, 6635, "00010140", false}, Case{"gre_in_udp", 17, 4754, "0000 0800", false},
                    Case{"vxlan", 17, 4789, "0800000000006400", true, 0x65},
                    Case{"vxlan_linux_port", 17, 8472, "0800000000000000", true, 1},
                    Case{"vxlan_gpe_ip", 17, 4790, "0c00000100006400", false, 0x65},
                    Case{"vxlan_gpe_ethernet", 17, 4790, "0c00000300006400", true, 0x65},
                    Case{"geneve", 17, 6081, "0000 6558 00006400", true, 0x65},
                    Case{"geneve_options", 17, 6081, "0200 6558 00006400 0101 01 01 00000000", true, 0x65},
                    Case{"geneve_ip", 17, 6081, "0000 0800 00000000", false, 1},
                    Case{"gtp_u", 17, 2152, "30ff 0000 00000001", false},
                    Case{"gtp_u_sequence", 17, 2152, "32ff 0000 00000001 0001 00 00", false},
                    Case{"gtp_u_extension", 17, 2152, "34ff 0000 00000001 0000 00 85 01 0000 00", false}),
    [](const testing::TestParamInfo<Case>& one) { return std::string(one.param.name); });

class Tunnel : public DecodeFixture {};

TEST_F(Tunnel, Ipv6InIpv4AndBack) {
  decode(ethernet_frame(ip_packet(outer_a, outer_b, 41, ip_packet(request_v6()))));
  expect_one(request_v6());
  const TcpPacket v6 = request_v6();
  decode(ethernet_frame(ip_packet(v6.source.address, v6.destination.address, 4, ip_packet(request_v4()))));
  ASSERT_EQ(log.segments.size(), 2U);
  EXPECT_EQ(log.segments[1].segment.source, request_v4().source);
}

TEST_F(Tunnel, NestedAreFollowedUpToALimit) {
  const TcpPacket packet = request_v4();
  Bytes nested = ip_packet(packet);
  for (int i = 0; i < 3; ++i) {
    const Bytes vxlan = concatenate(from_hex("0800000000000100"), ethernet_frame(nested));
    nested = ip_packet(outer_a, outer_b, 17, udp_datagram({outer_a, 1}, {outer_b, 4789}, vxlan));
  }
  decode(ethernet_frame(nested));
  expect_one(packet);
  for (int i = 0; i < 30; ++i) {
    nested = ip_packet(outer_a, outer_b, 4, nested);
  }
  decode(ethernet_frame(nested));
  EXPECT_EQ(log.segments.size(), 1U);
  EXPECT_EQ(ended(PacketEnd::tunnel_too_deep), 1U);
}

TEST_F(Tunnel, MalformedAreCounted) {
  const auto in_udp = [&](std::uint16_t port, const char* header) {
    decode(ethernet_frame(ip_packet(
        outer_a, outer_b, 17,
        udp_datagram({outer_a, 1}, {outer_b, port}, concatenate(from_hex(header), ip_packet(request_v4()))))));
  };
  in_udp(4789, "0000000000000100");                         // VXLAN without its flag
  in_udp(6081, "4000 6558 00006400");                       // Geneve version 1
  in_udp(2152, "10ff 0000 00000001");                       // GTP'
  in_udp(2152, "34ff 0000 00000001 0000 00 85 00 000000");  // an extension of no length
  decode(ethernet_frame(ip_packet(outer_a, outer_b, 47, from_hex("0005 0800 00000000"))));
  decode(ethernet_frame(0x8847, Bytes(80)));  // no bottom of the stack
  EXPECT_EQ(ended(PacketEnd::tunnel_malformed), 6U);
  decode(ethernet_frame(ip_packet(outer_a, outer_b, 50, Bytes(40))));
  EXPECT_EQ(ended(PacketEnd::tunnel_encrypted), 1U);
  EXPECT_TRUE(log.segments.empty());
}

TEST_F(Tunnel, OtherDatagramsAreNotTcp) {
  decode(ethernet_frame(ip_packet(outer_a, outer_b, 17, udp_datagram({outer_a, 1}, {outer_b, 53}, Bytes(30)))));
  decode(ethernet_frame(ip_packet(outer_a, outer_b, 1, Bytes(16))));
  EXPECT_EQ(ended(PacketEnd::not_tcp), 2U);
  EXPECT_EQ(decoder->statistics().problems(), 0U);
}

}  // namespace
}  // namespace understudy
