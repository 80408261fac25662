#include "agent/decode/link_layer.hpp"

#include "tests/unit/decode/decode_fixture.hpp"

namespace understudy {
namespace {

// One request behind a link layer of its own: everything in front of the IP packet, in hex.
struct Case {
  const char* name;
  LinkType link_type;
  const char* header;
  bool v6 = false;
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

class LinkLayers : public DecodeFixture, public testing::WithParamInterface<Case> {};

TEST_P(LinkLayers, LeadToTheSegment) {
  const TcpPacket packet = GetParam().v6 ? request_v6() : request_v4();
  decode(concatenate(from_hex(GetParam().header), ip_packet(packet)), GetParam().link_type);
  expect_one(packet);
}

TEST_P(LinkLayers, SurviveEveryCut) {
  const TcpPacket packet = GetParam().v6 ? request_v6() : request_v4();
  const Bytes whole = concatenate(from_hex(GetParam().header), ip_packet(packet));
  for (std::size_t captured = 0; captured < whole.size(); ++captured) {
    decode_cut(whole, captured, GetParam().link_type);
  }
  const DecodeStatistics& statistics = decoder->statistics();
  // Cut inside the payload it is a segment with bytes missing; before that, a problem that is counted.
  EXPECT_EQ(statistics.segments.value(), packet.payload.size());
  EXPECT_EQ(statistics.segments_cut.value(), packet.payload.size());
  EXPECT_EQ(statistics.problems(), whole.size() - packet.payload.size());
  for (const KeptSegment& kept : log.segments) {
    EXPECT_EQ(kept.payload.size() + kept.segment.missing, packet.payload.size());
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, LinkLayers,
    testing::Values(
        Case{"ethernet", 1, "020000000002 020000000001 0800"},
        Case{"ethernet_v6", 1, "020000000002 020000000001 86dd", true},
        Case{"vlan", 1, "020000000002 020000000001 8100 0064 0800"},
        Case{"qinq", 1, "020000000002 020000000001 88a8 0064 8100 0065 0800"},
        Case{"old_qinq", 1, "020000000002 020000000001 9100 0064 8100 0065 0800"},
        Case{"old_qinq_9200", 1, "020000000002 020000000001 9200 0064 8100 0065 0800"},
        Case{"snap", 1, "020000000002 020000000001 0100 aaaa03 000000 0800"},
        Case{"mpls", 1, "020000000002 020000000001 8847 00010040 00011140"},
        Case{"mpls_pseudowire", 1, "020000000002 020000000001 8847 00010140 00000000 020000000004 020000000003 0800"},
        Case{"mpls_pseudowire_without_control_word", 1,
             "020000000002 020000000001 8847 00010140 020000000004 020000000003 0800"},
        Case{"pppoe", 1, "020000000002 020000000001 8864 1100 0001 0200 0021"},
        Case{"pppoe_v6", 1, "020000000002 020000000001 8864 1100 0001 0200 0057", true},
        Case{"pppoe_compressed_protocol", 1, "020000000002 020000000001 8864 1100 0001 0200 21"},
        Case{"linux_cooked", 113, "0000 0001 0006 020000000001 0000 0800"},
        Case{"linux_cooked_v6", 113, "0004 0001 0006 020000000001 0000 86dd", true},
        Case{"linux_cooked_vlan", 113, "0000 0001 0006 020000000001 0000 8100 0064 0800"},
        Case{"linux_cooked_v2", 276, "0800 0000 00000002 0001 00 06 020000000001 0000"},
        Case{"linux_cooked_v2_v6", 276, "86dd 0000 00000002 0001 00 06 020000000001 0000", true},
        Case{"null_little", 0, "02000000"}, Case{"null_big", 0, "00000002"}, Case{"null_v6_bsd", 0, "1c000000", true},
        Case{"null_v6_darwin", 0, "0000001e", true}, Case{"loop", 108, "00000002"},
        Case{"loop_v6", 108, "00000018", true}, Case{"raw", 101, ""}, Case{"raw_v6", 101, "", true},
        Case{"raw_dlt_12", 12, ""}, Case{"raw_dlt_14", 14, ""}, Case{"ipv4", 228, ""}, Case{"ipv6", 229, "", true},
        Case{"ppp", 9, "0021"}, Case{"ppp_hdlc", 50, "ff03 0021"}, Case{"ppp_v6", 9, "0057", true},
        Case{"ppp_directed", 204, "00 ff03 0021"}, Case{"ppp_ether", 51, "1100 0001 0200 0021"},
        Case{"cisco_hdlc", 104, "0f00 0800"},
        Case{"wifi", 105, "0802 0000 020000000001 020000000002 020000000003 0000 aaaa03000000 0800"},
        Case{"wifi_qos", 105, "8801 0000 020000000001 020000000002 020000000003 0000 0000 aaaa03000000 0800"},
        Case{"wifi_four_addresses", 105,
             "0803 0000 020000000001 020000000002 020000000003 0000 020000000004 aaaa03000000 0800"},
        Case{"radiotap", 127,
             "0000 0800 00000000 0802 0000 020000000001 020000000002 020000000003 0000 aaaa03000000 0800"},
        Case{
            "radiotap_padded", 127,
            "0000 0900 02000000 20 8801 0000 020000000001 020000000002 020000000003 0000 0000 0000 aaaa03000000 0800"}),
    [](const testing::TestParamInfo<Case>& one) { return std::string(one.param.name); });

class LinkLayer : public DecodeFixture {};

TEST_F(LinkLayer, PaddingIsNotPayload) {
  TcpPacket packet = request_v4();
  packet.payload = "x";
  decode(ethernet_frame(ip_packet(packet), {.vlans = {}, .minimum_size = 60}));
  expect_one(packet);
}

TEST_F(LinkLayer, NetfilterLogIsReadThroughItsAttributes) {
  const TcpPacket packet = request_v4();
  const Bytes ip = ip_packet(packet);
  Bytes data = from_hex("02 00 0000  0500 0a00 41 000000");  // a prefix first, padded
  data.push_back(static_cast<std::uint8_t>(ip.size() + 4));
  decode(concatenate(concatenate(data, from_hex("00 0900")), ip), 239);
  expect_one(packet);
}

TEST_F(LinkLayer, WhatIsNoIpIsNoProblem) {
  decode(ethernet_frame(0x0806, Bytes(28)));                                       // ARP
  decode(from_hex("020000000002 020000000001 0003 424203"));                       // spanning tree over LLC
  decode(ethernet_frame(0x8864, from_hex("1109 0000 0004 0101 0000")));            // PPPoE discovery
  decode(from_hex("8000 0000 020000000001 020000000002 020000000003 0000"), 105);  // a beacon
  decode(from_hex("0700 0000"), 0);                                                // another address family
  EXPECT_EQ(ended(PacketEnd::not_ip), 5U);
  EXPECT_EQ(decoder->statistics().problems(), 0U);
}

TEST_F(LinkLayer, UnknownLinkTypesAreCounted) {
  decode(Bytes(60), 147);
  EXPECT_EQ(ended(PacketEnd::link_type_unknown), 1U);
}

TEST_F(LinkLayer, TooManyTagsAreMalformed) {
  Bytes tags;
  for (int i = 0; i < 6; ++i) {
    tags = concatenate(tags, from_hex("0064 8100"));
  }
  decode(ethernet_frame(0x8100, concatenate(tags, Bytes(40))));
  EXPECT_EQ(ended(PacketEnd::link_malformed), 1U);
}

TEST_F(LinkLayer, ProtectedWirelessFramesAreCounted) {
  decode(concatenate(from_hex("0842 0000 020000000001 020000000002 020000000003 0000"), Bytes(60)), 105);
  EXPECT_EQ(ended(PacketEnd::tunnel_encrypted), 1U);
}

}  // namespace
}  // namespace understudy
