// What the tests of this folder share: a decoder that keeps what it hands on.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "agent/decode/decoder.hpp"
#include "tests/support/packet_builder.hpp"

namespace understudy {

// A segment with bytes of its own.
struct KeptSegment {
  TcpSegment segment;
  std::string payload;
};

class SegmentLog final : public SegmentHandler {
 public:
  void on_segment(const TcpSegment& segment) override {
    segments.push_back({segment, std::string(as_text(segment.payload))});
  }
  std::vector<KeptSegment> segments;
};

class DecodeFixture : public testing::Test {
 protected:
  void decode(const Bytes& data, LinkType link_type = 1, WallTime time = test_epoch()) {
    const CapturedPacket packet{data, time, 0, link_type};
    decoder->on_packet(packet.view());
  }
  void decode_cut(Bytes data, std::size_t captured, LinkType link_type = 1) {
    const auto wire_length = static_cast<std::uint32_t>(data.size());
    data.resize(captured);
    data.shrink_to_fit();  // so that a read behind the end is one behind the allocation
    const CapturedPacket packet{data, test_epoch(), wire_length, link_type};
    decoder->on_packet(packet.view());
  }
  void use(const DecodeOptions& options) { decoder = std::make_unique<Decoder>(options, log); }
  [[nodiscard]] std::uint64_t ended(PacketEnd end) const { return decoder->statistics().ended(end); }
  // Exactly one segment came, and it is `packet`'s.
  void expect_one(const TcpPacket& packet) {
    ASSERT_EQ(log.segments.size(), 1U);
    const TcpSegment& segment = log.segments.front().segment;
    EXPECT_EQ(segment.source, packet.source);
    EXPECT_EQ(segment.destination, packet.destination);
    EXPECT_EQ(segment.sequence, packet.sequence);
    EXPECT_EQ(segment.acknowledgment, packet.acknowledgment);
    EXPECT_EQ(segment.window, packet.window);
    EXPECT_EQ(segment.flags, packet.flags);
    EXPECT_EQ(log.segments.front().payload, packet.payload);
    EXPECT_EQ(segment.missing, 0U);
    EXPECT_EQ(decoder->statistics().segments.value(), 1U);
    EXPECT_EQ(decoder->statistics().problems(), 0U);
  }

  SegmentLog log;
  std::unique_ptr<Decoder> decoder = std::make_unique<Decoder>(DecodeOptions{}, log);
};

inline TcpPacket request_v4() {
  TcpPacket packet;
  packet.source = endpoint("10.0.0.1:40000");
  packet.destination = endpoint("10.0.0.2:80");
  packet.sequence = 0xfffffff0;
  packet.acknowledgment = 77;
  packet.flags = tcp_flag::ack | tcp_flag::psh;
  packet.window = 4321;
  packet.payload = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  return packet;
}

inline TcpPacket request_v6() {
  TcpPacket packet = request_v4();
  packet.source = endpoint("[2001:db8::1]:40000");
  packet.destination = endpoint("[2001:db8::2]:80");
  return packet;
}

}  // namespace understudy
