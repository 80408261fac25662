#include "agent/capture/capture_format.hpp"

#include <gtest/gtest.h>

#include "tests/unit/capture/packet_log.hpp"

namespace understudy {
namespace {

std::vector<CapturedPacket> some_packets() {
  TcpConversation talk({.client = endpoint("10.0.0.1:40000"), .server = endpoint("10.0.0.2:80")});
  talk.handshake().client("GET / HTTP/1.1\r\n\r\n").server("HTTP/1.1 204 No Content\r\n\r\n").client_fin().server_fin();
  talk.last().time += Nanoseconds(123'456'789);
  std::vector<CapturedPacket> packets = ethernet_packets(talk);
  packets[1].wire_length = 9000;  // cut by the snap length
  return packets;
}

void expect_same(const std::vector<CapturedPacket>& actual, const std::vector<CapturedPacket>& expected,
                 Nanoseconds resolution) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    EXPECT_EQ(actual[i].data, expected[i].data);
    EXPECT_EQ(actual[i].wire_length, expected[i].view().wire_length);
    EXPECT_EQ(actual[i].link_type, expected[i].link_type);
    EXPECT_LT(expected[i].time - actual[i].time, resolution);
    EXPECT_GE(expected[i].time - actual[i].time, Nanoseconds::zero());
  }
}

class CaptureFormats : public testing::Test {
 protected:
  // All at once, or in pieces of `piece` bytes as a pipe gives them.
  FormatProgress parse(const Bytes& file, std::size_t piece = SIZE_MAX) {
    format = detect_format(ByteView(file).first(format_magic_size));
    FormatProgress progress;
    consumed = 0;
    for (std::size_t end = std::min(piece, file.size());; end += std::min(piece, file.size() - end)) {
      progress = format->parse(ByteView(file).subspan(consumed, end - consumed), consumed, log, SIZE_MAX);
      consumed += progress.consumed;
      if (end == file.size() || progress.damage) {
        return progress;
      }
    }
  }

  PacketLog log;
  std::unique_ptr<CaptureFormat> format;
  std::uint64_t consumed = 0;
};

TEST_F(CaptureFormats, PcapInBothByteOrdersAndResolutions) {
  for (const bool big_endian : {false, true}) {
    for (const bool nanoseconds : {false, true}) {
      log.packets.clear();
      const Bytes file = pcap_file(some_packets(), {big_endian, nanoseconds});
      EXPECT_FALSE(parse(file).damage);
      EXPECT_EQ(consumed, file.size());
      expect_same(log.packets, some_packets(), Nanoseconds(nanoseconds ? 1 : 1000));
    }
  }
}

TEST_F(CaptureFormats, PcapngInBothByteOrdersAndSeveralResolutions) {
  // 10^-3, 10^-6, 10^-9, 2^-10, 2^-30 seconds
  const std::pair<int, std::int64_t> resolutions[] = {
      {3, 1'000'000}, {6, 1000}, {9, 1}, {0x80 | 10, 976'563}, {0x80 | 30, 2}};
  for (const bool big_endian : {false, true}) {
    for (const auto& [resolution, nanoseconds] : resolutions) {
      log.packets.clear();
      const Bytes file = pcapng_file(some_packets(), {big_endian, static_cast<std::uint8_t>(resolution)});
      EXPECT_FALSE(parse(file).damage);
      EXPECT_EQ(consumed, file.size());
      expect_same(log.packets, some_packets(), Nanoseconds(nanoseconds));
    }
  }
}

TEST_F(CaptureFormats, TheSameInPiecesOfAnySize) {
  for (const Bytes& file : {pcap_file(some_packets()), pcapng_file(some_packets())}) {
    for (const std::size_t piece : {1U, 2U, 7U, 24U, 100U}) {
      log.packets.clear();
      EXPECT_FALSE(parse(file, piece).damage);
      EXPECT_EQ(consumed, file.size());
      expect_same(log.packets, some_packets(), std::chrono::microseconds(1));
    }
  }
}

TEST_F(CaptureFormats, ModifiedPcapHasLongerRecords) {
  Bytes file = pcap_file({});
  file[0] = 0x34;
  file[1] = 0xcd;
  const Bytes record = from_hex("00000000 40e20100 02000000 03000000 0000000000000000 aabb");
  parse(concatenate(concatenate(file, record), record));
  ASSERT_EQ(log.packets.size(), 2U);
  EXPECT_EQ(log.packets[1].data, from_hex("aabb"));
  EXPECT_EQ(log.packets[1].wire_length, 3U);
  EXPECT_EQ(log.packets[1].time, WallTime(std::chrono::microseconds(123456)));
}

TEST_F(CaptureFormats, ThePcapRecordThatCannotBeIsDamage) {
  const std::vector<CapturedPacket> packets = some_packets();
  Bytes file = pcap_file(packets);
  const std::size_t second = 24 + 16 + packets[0].data.size();
  file[second + 11] = 0x7f;
  const FormatProgress progress = parse(file);
  EXPECT_EQ(log.packets.size(), 1U);
  ASSERT_TRUE(progress.damage);
  EXPECT_EQ(progress.damage->offset, second);
}

TEST_F(CaptureFormats, AWireLengthBelowTheCapturedOneIsCorrected) {
  Bytes file = pcap_file({{Bytes(10), test_epoch(), 5, 1}});
  parse(file);
  ASSERT_EQ(log.packets.size(), 1U);
  EXPECT_EQ(log.packets[0].wire_length, 10U);
}

TEST_F(CaptureFormats, PcapngWithSeveralInterfacesAndSections) {
  const CapturedPacket ethernet{Bytes(20, 1), test_epoch(), 0, 1};
  const CapturedPacket raw{Bytes(21, 2), test_epoch(), 0, 101};
  // The second section has the other byte order and numbers its interfaces anew.
  const Bytes file = concatenate(pcapng_file({ethernet, raw, ethernet}), pcapng_file({raw, ethernet}, {true, 6}));
  EXPECT_FALSE(parse(file).damage);
  expect_same(log.packets, {ethernet, raw, ethernet, raw, ethernet}, std::chrono::microseconds(1));
}

// A section header and one Ethernet interface with these options, little endian.
Bytes pcapng_start(const char* options = "") {
  const Bytes body = concatenate(from_hex("0100 0000 00000000"), from_hex(options));
  const Bytes length{static_cast<std::uint8_t>(body.size() + 12), 0, 0, 0};
  return concatenate(from_hex("0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000"),
                     concatenate(concatenate(from_hex("01000000"), length), concatenate(body, length)));
}
const char* const enhanced_packet = "06000000 24000000 00000000 00000000 05000000 03000000 07000000 aabbcc00 24000000";

TEST_F(CaptureFormats, PcapngTimeOffsetIsAdded) {
  parse(concatenate(pcapng_start("0e00 0800 e803000000000000 00000000"), from_hex(enhanced_packet)));
  ASSERT_EQ(log.packets.size(), 1U);
  EXPECT_EQ(log.packets[0].time, WallTime(std::chrono::seconds(1000) + std::chrono::microseconds(5)));
}

TEST_F(CaptureFormats, PcapngSimpleAndObsoletePackets) {
  const Bytes file =
      concatenate(concatenate(pcapng_start(), from_hex(enhanced_packet)),
                  from_hex("03000000 14000000 02000000 aabb0000 14000000"
                           "02000000 24000000 0000 ffff 00000000 06000000 03000000 07000000 ddeeff00 24000000"));
  EXPECT_FALSE(parse(file).damage);
  ASSERT_EQ(log.packets.size(), 3U);
  EXPECT_EQ(log.packets[1].data, from_hex("aabb"));
  EXPECT_EQ(log.packets[1].time, log.packets[0].time);  // it has none of its own
  EXPECT_EQ(log.packets[2].data, from_hex("ddeeff"));
  EXPECT_EQ(log.packets[2].wire_length, 7U);
  EXPECT_EQ(log.packets[2].time, WallTime(std::chrono::microseconds(6)));
}

TEST_F(CaptureFormats, PcapngBlocksDamagedInsideAreSkipped) {
  const Bytes unknown_interface =
      from_hex("06000000 24000000 09000000 00000000 05000000 03000000 07000000 aabbcc00 24000000");
  const Bytes too_long = from_hex("06000000 24000000 00000000 00000000 05000000 05000000 07000000 aabbcc00 24000000");
  const Bytes start = pcapng_start();
  const FormatProgress progress =
      parse(concatenate(concatenate(start, unknown_interface), concatenate(too_long, from_hex(enhanced_packet))));
  EXPECT_FALSE(progress.damage);
  EXPECT_EQ(log.packets.size(), 1U);
  EXPECT_EQ(format->records_skipped(), 2U);
  ASSERT_NE(format->first_skipped(), nullptr);
  EXPECT_EQ(format->first_skipped()->offset, start.size());
}

TEST_F(CaptureFormats, PcapngLengthsThatCannotBeAreDamage) {
  const char* const blocks[] = {"06000000 08000000 00000000",   // shorter than a block is
                                "06000000 25000000 00000000",   // no multiple of 4
                                "06000000 00000070 00000000",   // 1.8 GB
                                "0a0d0d0a 1c000000 00000000",   // no byte order
                                "00000005 0c000000 10000000"};  // begins and ends with different lengths
  for (const char* block : blocks) {
    log.packets.clear();
    const Bytes start = concatenate(pcapng_start(), from_hex(enhanced_packet));
    const FormatProgress progress = parse(concatenate(start, from_hex(block)));
    EXPECT_EQ(log.packets.size(), 1U);
    ASSERT_TRUE(progress.damage) << block;
    EXPECT_EQ(progress.damage->offset, start.size());
  }
}

TEST(DetectFormat, RefusesWhatIsNoCapture) {
  EXPECT_EQ(detect_format(as_bytes("GET ")), nullptr);
  EXPECT_EQ(detect_format(from_hex("1f8b0800")), nullptr);
}

}  // namespace
}  // namespace understudy
