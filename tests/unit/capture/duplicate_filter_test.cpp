#include "agent/capture/duplicate_filter.hpp"

#include <gtest/gtest.h>

#include "agent/capture/link_type.hpp"
#include "tests/support/packet_builder.hpp"

namespace understudy {
namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds window = 500ms;

TcpPacket tcp(std::uint32_t sequence, std::string_view server = "10.0.0.2:8080") {
  TcpPacket packet;
  packet.destination = endpoint(server);
  packet.source = endpoint(server.front() == '[' ? "[2001:db8::1]:40000" : "10.0.0.1:40000");
  packet.sequence = sequence;
  packet.payload = "GET / HTTP/1.1\r\n\r\n";
  return packet;
}

PacketView raw(const Bytes& bytes, Nanoseconds after = {}) {
  return {bytes, static_cast<std::uint32_t>(bytes.size()), link_type::raw_ip, test_epoch() + after};
}

PacketView frame(const Bytes& bytes) {
  return {bytes, static_cast<std::uint32_t>(bytes.size()), link_type::ethernet, test_epoch()};
}

TEST(DuplicateFilter, LetsEachPacketPassOnce) {
  DuplicateFilter filter(window, 1);
  const Bytes first = ip_packet(tcp(1));
  const Bytes second = ip_packet(tcp(2));
  EXPECT_FALSE(filter.is_duplicate(raw(first)));
  EXPECT_FALSE(filter.is_duplicate(raw(second)));
  EXPECT_TRUE(filter.is_duplicate(raw(first)));
  EXPECT_TRUE(filter.is_duplicate(raw(second)));
}

TEST(DuplicateFilter, KnowsAPacketAgainWithAnotherTtlAndChecksum) {
  DuplicateFilter filter(window, 1);
  IpFields fields;
  fields.time_to_live = 128;
  Bytes sent = ip_packet(tcp(1), fields);
  EXPECT_FALSE(filter.is_duplicate(raw(sent)));
  fields.time_to_live = 127;
  Bytes received = ip_packet(tcp(1), fields);
  received[20 + 16] ^= 0xff;  // TCP's checksum, as offloading leaves it
  EXPECT_TRUE(filter.is_duplicate(raw(received)));
}

TEST(DuplicateFilter, KnowsAPacketAgainAtAnotherLayer) {
  DuplicateFilter filter(window, 1);
  const Bytes packet = ip_packet(tcp(1));
  EXPECT_FALSE(filter.is_duplicate(raw(packet)));
  EXPECT_TRUE(filter.is_duplicate(frame(ethernet_frame(packet))));
  EXPECT_TRUE(filter.is_duplicate(frame(ethernet_frame(packet, {{7}, 0}))));
}

TEST(DuplicateFilter, KnowsIpv6) {
  DuplicateFilter filter(window, 1);
  const Bytes first = ip_packet(tcp(1, "[2001:db8::2]:8080"));
  const Bytes second = ip_packet(tcp(2, "[2001:db8::2]:8080"));
  EXPECT_FALSE(filter.is_duplicate(raw(first)));
  EXPECT_FALSE(filter.is_duplicate(raw(second)));
  EXPECT_TRUE(filter.is_duplicate(raw(first)));
}

TEST(DuplicateFilter, TellsApartWhatDiffersInOneField) {
  DuplicateFilter filter(window, 1);
  TcpPacket packet = tcp(1);
  EXPECT_FALSE(filter.is_duplicate(raw(ip_packet(packet))));
  packet.acknowledgment = 9;
  EXPECT_FALSE(filter.is_duplicate(raw(ip_packet(packet))));
  packet.window = 100;
  EXPECT_FALSE(filter.is_duplicate(raw(ip_packet(packet))));
  packet.payload += "x";
  EXPECT_FALSE(filter.is_duplicate(raw(ip_packet(packet))));
  packet.source.port = 40001;
  EXPECT_FALSE(filter.is_duplicate(raw(ip_packet(packet))));
  IpFields fields;
  fields.identification = 7;
  EXPECT_FALSE(filter.is_duplicate(raw(ip_packet(packet, fields))));
}

TEST(DuplicateFilter, TellsFragmentsApart) {
  DuplicateFilter filter(window, 1);
  TcpPacket packet = tcp(1);
  packet.payload.assign(200, 'a');  // the same bytes in each fragment
  for (const Bytes& fragment : ip_fragments(ip_packet(packet), 64, 3)) {
    EXPECT_FALSE(filter.is_duplicate(raw(fragment)));
  }
}

TEST(DuplicateFilter, ForgetsAfterTheWindow) {
  DuplicateFilter filter(window, 1);
  const Bytes packet = ip_packet(tcp(1));
  EXPECT_FALSE(filter.is_duplicate(raw(packet)));
  EXPECT_TRUE(filter.is_duplicate(raw(packet, window)));
  EXPECT_FALSE(filter.is_duplicate(raw(packet, window + 1ms)));
  // A copy with an earlier time: clocks of two places.
  EXPECT_TRUE(filter.is_duplicate(raw(packet, window)));
}

TEST(DuplicateFilter, LetsPassWhatItDoesNotUnderstand) {
  DuplicateFilter filter(window, 1);
  const Bytes arp = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x08, 0x06, 0, 1};
  const Bytes nothing;
  const Bytes version_nine(40, 0x90);
  Bytes cut = ip_packet(tcp(1));
  cut.resize(19);
  Bytes long_header = ip_packet(tcp(1));
  long_header[0] = 0x4f;
  long_header.resize(40);
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(filter.is_duplicate(frame(arp)));
    EXPECT_FALSE(filter.is_duplicate(raw(nothing)));
    EXPECT_FALSE(filter.is_duplicate(raw(version_nine)));
    EXPECT_FALSE(filter.is_duplicate(raw(cut)));
    EXPECT_FALSE(filter.is_duplicate(raw(long_header)));
    EXPECT_FALSE(filter.is_duplicate({version_nine, 40, link_type::linux_cooked, test_epoch()}));
  }
}

// More packets than are remembered: the oldest are forgotten, and nothing else happens.
TEST(DuplicateFilter, StaysInItsMemory) {
  DuplicateFilter filter(window, 1);
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    EXPECT_FALSE(filter.is_duplicate(raw(ip_packet(tcp(i * 100)))));
  }
  EXPECT_TRUE(filter.is_duplicate(raw(ip_packet(tcp(99'999 * 100)))));
}

}  // namespace
}  // namespace understudy
