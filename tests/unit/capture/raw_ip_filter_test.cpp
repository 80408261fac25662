// What an engine without a filter in the kernel lets pass: raw sockets give every IP packet of an adapter.
#include <gtest/gtest.h>

#include "agent/capture/filter_program.hpp"
#include "agent/capture/link_type.hpp"
#include "agent/decode/decoder.hpp"
#include "tests/support/packet_builder.hpp"

namespace understudy {
namespace {

class RawIpFilter : public testing::Test, private SegmentHandler {
 protected:
  RawIpFilter() : decoder_(options(), *this) {
    PacketFilter filter;
    filter.ports = {8080};
    Result<FilterProgram> compiled = FilterProgram::compile(link_type::raw_ip, filter);
    if (!compiled) ADD_FAILURE() << compiled.error().message;
    program_.emplace(*std::move(compiled));
  }

  // Whether the filter lets it pass.
  bool passes(const Bytes& bytes) {
    const PacketView view{bytes, static_cast<std::uint32_t>(bytes.size()), link_type::raw_ip, test_epoch()};
    if (!program_->matches(view)) return false;
    decoder_.on_packet(view);
    return true;
  }

  std::string payload_;  // of all segments that came out behind the filter
  int segments_ = 0;

 private:
  static DecodeOptions options() {
    DecodeOptions options;
    options.ports = {8080};
    return options;
  }
  void on_segment(const TcpSegment& segment) override {
    ++segments_;
    payload_ += as_text(segment.payload);
  }

  std::optional<FilterProgram> program_;
  Decoder decoder_;
};

TcpPacket request(std::string_view server = "10.0.0.2:8080") {
  TcpPacket packet;
  packet.source = endpoint(server.front() == '[' ? "[2001:db8::1]:40000" : "10.0.0.1:40000");
  packet.destination = endpoint(server);
  packet.payload = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  return packet;
}

TEST_F(RawIpFilter, LetsThePortPassInBothDirections) {
  TcpPacket packet = request();
  EXPECT_TRUE(passes(ip_packet(packet)));
  std::swap(packet.source, packet.destination);
  EXPECT_TRUE(passes(ip_packet(packet)));
  EXPECT_EQ(segments_, 2);
  EXPECT_FALSE(passes(ip_packet(request("10.0.0.2:8081"))));
  EXPECT_FALSE(passes(ip_packet(endpoint("10.0.0.1:1").address, endpoint("10.0.0.2:1").address, 17,
                                udp_datagram(endpoint("10.0.0.1:8080"), endpoint("10.0.0.2:8080"), Bytes(20, 1)))));
}

// As a capture on Linux' loopback has it: curl to port 8080.
TEST_F(RawIpFilter, LetsRecordedBytesPass) {
  const Bytes recorded = from_hex(
      "45 00 00 3c 5e 6f 40 00 40 06 de 4a 7f 00 00 01 7f 00 00 01 b3 1a 1f 90 7f 1d 4a 11 00 00 00 00"
      "a0 02 ff d7 fe 30 00 00 02 04 ff d7 04 02 08 0a 3a 5b 1c 7d 00 00 00 00 01 03 03 07");
  EXPECT_TRUE(passes(recorded));
  EXPECT_EQ(segments_, 1);
}

TEST_F(RawIpFilter, LooksBehindOptions) {
  IpFields fields;
  fields.options = from_hex("94 04 00 00 01 01 01 00");
  EXPECT_TRUE(passes(ip_packet(request(), fields)));
  EXPECT_EQ(payload_, request().payload);
  EXPECT_FALSE(passes(ip_packet(request("10.0.0.2:8081"), fields)));
}

TEST_F(RawIpFilter, TakesATotalLengthOfZeroForTheRestOfThePacket) {
  Bytes packet = ip_packet(request());
  packet[2] = packet[3] = 0;  // left to the card, as offloading does
  EXPECT_TRUE(passes(packet));
  EXPECT_EQ(payload_, request().payload);
}

TEST_F(RawIpFilter, LetsEveryFragmentPassThatMayBelong) {
  TcpPacket packet = request();
  packet.payload.assign(300, 'a');
  for (const Bytes& fragment : ip_fragments(ip_packet(packet), 64, 5)) EXPECT_TRUE(passes(fragment));
  EXPECT_EQ(payload_, packet.payload);
}

TEST_F(RawIpFilter, LetsIpv6Pass) {
  EXPECT_TRUE(passes(ip_packet(request("[2001:db8::2]:8080"))));
  EXPECT_EQ(payload_, request().payload);
  EXPECT_FALSE(passes(ip_packet(request("[2001:db8::2]:8081"))));
}

TEST_F(RawIpFilter, SurvivesWhatIsCut) {
  for (const auto* server : {"10.0.0.2:8080", "[2001:db8::2]:8080"}) {
    const Bytes whole = ip_packet(request(server));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      // Cut inside the ports nothing can be known; behind them it passes, and decode counts it.
      const bool has_ports = size >= (whole[0] >> 4 == 4 ? 20U : 40U) + 4;
      EXPECT_EQ(passes(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))), has_ports) << size;
    }
  }
}

}  // namespace
}  // namespace understudy
