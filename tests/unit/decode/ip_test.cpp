#include "agent/decode/ip.hpp"

#include <algorithm>

#include "tests/unit/decode/decode_fixture.hpp"

namespace understudy {
namespace {

class Ip : public DecodeFixture {};

TEST_F(Ip, OptionsOfVersion4ArePassedOver) {
  decode(ethernet_frame(ip_packet(request_v4(), {.identification = 0, .time_to_live = 64, .options = Bytes(40, 1)})));
  expect_one(request_v4());
}

TEST_F(Ip, ALengthOfZeroMeansAsLongAsTheWire) {
  for (const TcpPacket& packet : {request_v4(), request_v6()}) {
    Bytes ip = ip_packet(packet);
    const std::size_t at = packet.source.address.is_v6 ? 4 : 2;
    ip[at] = ip[at + 1] = 0;
    decode(ethernet_frame(ip));
    ASSERT_FALSE(log.segments.empty());
    EXPECT_EQ(log.segments.back().payload, packet.payload);
    decode_cut(ethernet_frame(ip), ethernet_frame(ip).size() - 5);
    EXPECT_EQ(log.segments.back().segment.missing, 5U);
  }
  EXPECT_EQ(log.segments.size(), 4U);
}

TEST_F(Ip, MoreThan64KibFromSegmentationOffload) {
  TcpPacket packet = request_v4();
  packet.payload = std::string(100'000, 'x');
  Bytes ip = ip_packet(packet);
  ip[2] = ip[3] = 0;
  decode(ethernet_frame(ip));
  expect_one(packet);
}

TEST_F(Ip, WhatTheLengthPromisesAndTheWireLacksIsMissing) {
  Bytes ip = ip_packet(request_v4());
  ip.resize(ip.size() - 8);
  decode(ethernet_frame(ip));
  ASSERT_EQ(log.segments.size(), 1U);
  EXPECT_EQ(log.segments[0].segment.missing, 8U);
  EXPECT_EQ(decoder->statistics().segments_cut.value(), 1U);
}

TEST_F(Ip, MalformedHeadersAreCounted) {
  Bytes short_header = ip_packet(request_v4());
  short_header[0] = 0x44;
  Bytes short_total = ip_packet(request_v4());
  short_total[2] = 0;
  short_total[3] = 19;
  Bytes version = ip_packet(request_v4());
  version[0] = 0x55;
  for (const Bytes& ip : {short_header, short_total, version}) {
    decode(ethernet_frame(ip));
  }
  EXPECT_EQ(ended(PacketEnd::ip_malformed), 3U);
  EXPECT_TRUE(log.segments.empty());
}

TEST_F(Ip, ExtensionHeadersOfVersion6ArePassedOver) {
  const TcpPacket packet = request_v6();
  // Hop-by-hop, routing, destination options, authentication (length in words of 4 bytes, less 2), then TCP.
  const Bytes headers = from_hex(
      "2b00 000000000000  3c00 000000000000  3301 0000 00000000 0000000000000000"
      "0602 0000 00000000 0000000000000000");
  decode(ethernet_frame(ip_packet(packet.source.address, packet.destination.address, 0,
                                  concatenate(headers, tcp_header_and_payload(packet)))));
  expect_one(packet);
}

TEST_F(Ip, AuthenticationHeaderOfVersion4IsPassedOver) {
  const TcpPacket packet = request_v4();
  decode(
      ethernet_frame(ip_packet(packet.source.address, packet.destination.address, 51,
                               concatenate(from_hex("0601 0000 00000000 00000000"), tcp_header_and_payload(packet)))));
  expect_one(packet);
}

TEST_F(Ip, ExtensionHeadersWithoutEndAreMalformed) {
  const TcpPacket packet = request_v6();
  Bytes headers;
  for (int i = 0; i < 40; ++i) {
    headers = concatenate(headers, from_hex("3c00 000000000000"));
  }
  decode(ethernet_frame(ip_packet(packet.source.address, packet.destination.address, 60, headers)));
  decode(
      ethernet_frame(ip_packet(packet.source.address, packet.destination.address, 60, from_hex("06ff 000000000000"))));
  EXPECT_EQ(ended(PacketEnd::ip_malformed), 2U);
}

TEST_F(Ip, AtomicFragmentsAreWhole) {
  const TcpPacket packet = request_v6();
  decode(ethernet_frame(ip_packet(packet.source.address, packet.destination.address, 44,
                                  concatenate(from_hex("0600 0000 00000007"), tcp_header_and_payload(packet)))));
  expect_one(packet);
  EXPECT_EQ(decoder->statistics().datagrams_reassembled.value(), 0U);
}

class IpFragments : public DecodeFixture, public testing::WithParamInterface<bool> {
 protected:
  IpFragments() {
    packet.payload = std::string(3000, 'a') + "end";
    fragments = ip_fragments(ip_packet(packet), 512, 4711);
  }
  TcpPacket packet = GetParam() ? request_v6() : request_v4();
  std::vector<Bytes> fragments;
};

TEST_P(IpFragments, GiveTheDatagramInAnyOrder) {
  std::sort(fragments.begin(), fragments.end());
  std::size_t orders = 0;
  do {
    log.segments.clear();
    for (const Bytes& fragment : fragments) {
      decode(ethernet_frame(fragment));
    }
    ASSERT_EQ(log.segments.size(), 1U);
    ASSERT_EQ(log.segments[0].payload, packet.payload);
  } while (std::next_permutation(fragments.begin(), fragments.end()) && ++orders < 500);
  EXPECT_EQ(decoder->statistics().datagrams_reassembled.value(), 500U);
  EXPECT_EQ(decoder->statistics().problems(), 0U);
}

TEST_P(IpFragments, HoldUntilComplete) {
  for (std::size_t i = 0; i + 1 < fragments.size(); ++i) {
    decode(ethernet_frame(fragments[i]));
  }
  decode(ethernet_frame(fragments[0]));
  EXPECT_TRUE(log.segments.empty());
  EXPECT_EQ(ended(PacketEnd::fragment_held), fragments.size() - 1);
  EXPECT_EQ(ended(PacketEnd::fragment_duplicate), 1U);
  decode(ethernet_frame(fragments.back()));
  ASSERT_EQ(log.segments.size(), 1U);
  EXPECT_EQ(log.segments[0].payload, packet.payload);
}

TEST_P(IpFragments, CutByTheSnapLengthAreRefused) {
  const Bytes frame = ethernet_frame(fragments[1]);
  decode_cut(frame, frame.size() - 1);
  EXPECT_EQ(ended(PacketEnd::fragment_malformed), 1U);
}

TEST_P(IpFragments, HoldingTunnelsThatHoldFragments) {
  const TcpPacket outer = request_v4();
  for (const Bytes& inner : fragments) {
    const Bytes tunnel = ip_packet(outer.source.address, outer.destination.address, inner[0] >> 4 == 6 ? 41 : 4, inner);
    static std::uint32_t identification = 0;
    for (const Bytes& piece : ip_fragments(tunnel, 200, ++identification)) {
      decode(ethernet_frame(piece));
    }
  }
  ASSERT_EQ(log.segments.size(), 1U);
  EXPECT_EQ(log.segments[0].payload, packet.payload);
}

INSTANTIATE_TEST_SUITE_P(Versions, IpFragments, testing::Bool(),
                         [](const testing::TestParamInfo<bool>& one) { return one.param ? "v6" : "v4"; });

}  // namespace
}  // namespace understudy
