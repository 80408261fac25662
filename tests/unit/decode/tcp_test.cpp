#include "agent/decode/tcp.hpp"

#include "tests/unit/decode/decode_fixture.hpp"

namespace understudy {
namespace {

class Tcp : public DecodeFixture {};

TEST_F(Tcp, OptionsAreNotPayload) {
  TcpPacket packet = request_v4();
  packet.options = Bytes(40, 1);
  decode(ethernet_frame(ip_packet(packet)));
  expect_one(packet);
}

TEST_F(Tcp, ASynKeepsItsSequenceAndData) {
  TcpPacket packet = request_v4();
  packet.flags = tcp_flag::syn;
  packet.payload = "early";
  decode(ethernet_frame(ip_packet(packet)));
  expect_one(packet);
}

TEST_F(Tcp, CutInsideTheOptionsAllPayloadIsMissing) {
  TcpPacket packet = request_v4();
  packet.options = Bytes(12, 1);
  decode_cut(ethernet_frame(ip_packet(packet)), 14 + 20 + 20 + 4);
  ASSERT_EQ(log.segments.size(), 1U);
  EXPECT_EQ(log.segments[0].segment.missing, packet.payload.size());
  EXPECT_EQ(log.segments[0].segment.sequence, packet.sequence);
}

TEST_F(Tcp, WrongHeaderLengthsAreMalformed) {
  for (const int length : {0x40, 0xf0}) {
    TcpPacket packet = request_v4();
    packet.payload.clear();
    Bytes frame = ethernet_frame(ip_packet(packet));
    frame[14 + 20 + 12] = static_cast<std::uint8_t>(length);
    decode(frame);
  }
  decode(ethernet_frame(ip_packet(request_v4().source.address, request_v4().destination.address, 6, Bytes(19))));
  EXPECT_EQ(ended(PacketEnd::tcp_malformed), 3U);
}

TEST_F(Tcp, OnlyThePortsAskedForInEitherDirection) {
  DecodeOptions options;
  options.ports = {80, 65535};
  use(options);
  TcpPacket packet = request_v4();
  decode(ethernet_frame(ip_packet(packet)));
  std::swap(packet.source, packet.destination);
  decode(ethernet_frame(ip_packet(packet)));
  packet.source.port = 81;
  decode(ethernet_frame(ip_packet(packet)));
  EXPECT_EQ(log.segments.size(), 2U);
  EXPECT_EQ(ended(PacketEnd::other_port), 1U);
}

TEST_F(Tcp, OnlyTheAddressesAskedFor) {
  DecodeOptions options;
  options.addresses = {*IpRange::parse("10.0.0.2"), *IpRange::parse("2001:db8:1::/48")};
  use(options);
  decode(ethernet_frame(ip_packet(request_v4())));
  decode(ethernet_frame(ip_packet(request_v6())));
  EXPECT_EQ(log.segments.size(), 1U);
  EXPECT_EQ(ended(PacketEnd::other_port), 1U);
}

TEST_F(Tcp, ChecksumsAreVerifiedOnlyWhenAsked) {
  for (const TcpPacket& packet : {request_v4(), request_v6()}) {
    Bytes good = ethernet_frame(ip_packet(packet));
    Bytes bad = good;
    bad.back() ^= 1;
    use({});
    log.segments.clear();
    decode(bad);
    EXPECT_EQ(log.segments.size(), 1U);
    DecodeOptions options;
    options.verify_tcp_checksum = true;
    use(options);
    decode(bad);
    decode(good);
    EXPECT_EQ(log.segments.size(), 2U);
    EXPECT_EQ(ended(PacketEnd::tcp_checksum), 1U);
  }
}

TEST_F(Tcp, ReasonsHaveNamesOfTheirOwn) {
  for (std::size_t i = 0; i < packet_end_count; ++i) {
    EXPECT_FALSE(to_string(static_cast<PacketEnd>(i)).empty());
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_NE(to_string(static_cast<PacketEnd>(i)), to_string(static_cast<PacketEnd>(j)));
    }
  }
  EXPECT_EQ(to_string(PacketEnd::fragment_limit), "fragment_limit");
  EXPECT_EQ(to_string(PacketEnd::link_type_unknown), "link_type_unknown");
  EXPECT_FALSE(is_problem(PacketEnd::fragment_duplicate));
  EXPECT_TRUE(is_problem(PacketEnd::link_type_unknown));
}

}  // namespace
}  // namespace understudy
