// One direction: order, repetition, overlap, wrap, gaps, truncation, limits.
#include <gtest/gtest.h>

#include "tests/unit/reassembly/wire.hpp"

namespace understudy {
namespace {

using namespace std::chrono_literals;

TEST(Stream, BytesInOrderAreToldAtOnce) {
  Wire wire;
  wire.handshake().client("GET ").client("/ HTTP").server("HTTP/1.1 200");
  EXPECT_EQ(wire.told().to_server.text, "GET / HTTP");
  EXPECT_EQ(wire.told().to_client.text, "HTTP/1.1 200");
  EXPECT_EQ(wire.statistics().bytes_delivered.value(), 22u);
  EXPECT_EQ(wire.statistics().bytes_stored.value(), 0u);  // nothing was copied
}

TEST(Stream, AViewOfThePacketItselfIsTold) {
  struct ViewKeeper final : StreamHandler {
    std::unique_ptr<FlowState> on_flow_begin(const FlowInfo&) override { return nullptr; }
    void on_data(FlowState*, Direction, std::uint64_t, ByteView data, WallTime) override { seen = data.data(); }
    void on_gap(FlowState*, Direction, std::uint64_t, std::uint64_t, GapCause, WallTime) override {}
    void on_end(FlowState*, Direction, StreamEnd, WallTime) override {}
    void on_flow_end(FlowState*, FlowEnd, WallTime) override {}
    const std::uint8_t* seen = nullptr;
  } keeper;
  FlowTable table({}, keeper);
  const std::string text = "payload";
  TcpSegment segment;
  segment.source = address_of(1, 40000);
  segment.destination = address_of(2, 80);
  segment.flags = tcp_flag::ack;
  segment.payload = as_bytes(text);
  table.on_segment(segment);
  EXPECT_EQ(keeper.seen, segment.payload.data());
  table.drain(WallTime{});
}

TEST(Stream, OutOfOrderSegmentsWaitForTheirTurn) {
  Wire wire;
  wire.handshake().client_at(6, "ghi").client_at(3, "def");
  EXPECT_TRUE(wire.handler.flows().empty());
  EXPECT_GT(wire.statistics().bytes_buffered(), 6u);
  wire.client_at(0, "abc");
  EXPECT_EQ(wire.told().to_server.text, "abcdefghi");
  EXPECT_EQ(wire.statistics().bytes_buffered(), 0u);
  EXPECT_EQ(wire.statistics().out_of_order_segments.value(), 2u);
  EXPECT_EQ(wire.statistics().gaps_missing.value(), 0u);
}

TEST(Stream, RetransmissionsAreToldOnce) {
  Wire wire;
  wire.handshake().client("abcdef");
  wire.client_at(0, "abcdef");        // whole
  wire.client_at(0, "abc");           // partial, old alone
  wire.client_at(3, "defghi");        // partial, with new bytes behind
  wire.client_at(0, "abcdefghiJKL");  // coalesced
  EXPECT_EQ(wire.told().to_server.text, "abcdefghiJKL");
  EXPECT_EQ(wire.statistics().retransmitted_bytes.value(), 6u + 3u + 3u + 9u);
  EXPECT_EQ(wire.statistics().overlaps_differing.value(), 0u);
}

TEST(Stream, RetransmissionFillsAHoleAndCoversWhatIsStored) {
  Wire wire;
  wire.handshake().client("ab").client_at(4, "ef").client_at(8, "ij").client_at(1, "bcdefghijkl");
  EXPECT_EQ(wire.told().to_server.text, "abcdefghijkl");
}

TEST(Stream, FirstCopyOfOverlappingBytesWins) {
  Wire wire;
  wire.handshake().client_at(2, "CD").client_at(1, "xyzw").client_at(0, "Ab");
  EXPECT_EQ(wire.told().to_server.text, "AxCDw");
  EXPECT_EQ(wire.statistics().overlaps_differing.value(), 2u);  // yz against CD, b against x
}

TEST(Stream, AnEqualOverlapIsNoDifference) {
  Wire wire;
  wire.handshake().client_at(2, "CD").client_at(1, "BCDE").client_at(0, "ABC");
  EXPECT_EQ(wire.told().to_server.text, "ABCDE");
  EXPECT_EQ(wire.statistics().overlaps_differing.value(), 0u);
}

TEST(Stream, SequenceNumbersWrap) {
  for (const std::uint32_t before : {0u, 1u, 2u, 3u, 7u}) {
    Wire wire;
    wire.client_isn(0xffffffffu - before).server_isn(0xffffffffu - before);
    wire.handshake().client("abc").client_at(6, "ghi").client_at(3, "def").server("response");
    EXPECT_EQ(wire.told().to_server.text, "abcdefghi") << before;
    EXPECT_EQ(wire.told().to_client.text, "response") << before;
  }
}

TEST(Stream, OffsetsDoNotWrapAfterFourGigabytes) {
  const std::string block(65536, 'x');
  CheckingStreamHandler checker(false);
  FlowTable table({}, checker);
  TcpSegment segment;
  segment.source = address_of(1, 40000);
  segment.destination = address_of(2, 80);
  segment.flags = tcp_flag::ack;
  segment.payload = as_bytes(block);
  for (std::uint64_t sent = 0; sent < (std::uint64_t{1} << 32) + 4 * block.size(); sent += block.size()) {
    segment.sequence = static_cast<std::uint32_t>(sent + 77);
    table.on_segment(segment);
  }
  EXPECT_EQ(checker.bytes_told(), (std::uint64_t{1} << 32) + 4 * block.size());
  table.drain(WallTime{});
  EXPECT_TRUE(checker.violations().empty());
}

TEST(Stream, KeepAliveProbesAreNoData) {
  Wire wire;
  wire.handshake().client("GET");
  wire.client_at(2, "").client_at(2, std::string_view("\0", 1)).client_at(2, "T");
  wire.client(" /");
  EXPECT_EQ(wire.told().to_server.text, "GET /");
  EXPECT_EQ(wire.statistics().keepalive_probes.value(), 3u);
  EXPECT_EQ(wire.statistics().overlaps_differing.value(), 0u);
}

TEST(Stream, AKeepAliveProbeBeforeTheFirstByteIsNoData) {
  Wire wire;
  wire.handshake().client_at(-1, std::string_view("\0", 1)).client("GET /");
  EXPECT_EQ(wire.told().to_server.text, "GET /");
  EXPECT_EQ(wire.statistics().keepalive_probes.value(), 1u);
}

TEST(Stream, EmptySegmentsAndZeroWindowsChangeNothing) {
  Wire wire;
  wire.handshake().client("abc");
  wire.window = 0;
  wire.server_ack().server_ack().client_ack();
  wire.client("d");  // a window probe carries the next byte (RFC 9293 section 3.8.6.1)
  wire.window = 65535;
  wire.server_ack().client("ef");
  EXPECT_EQ(wire.told().to_server.text, "abcdef");
  EXPECT_TRUE(wire.told().to_client.text.empty());
}

TEST(Stream, DataFarOutsideTheWindowIsIgnored) {
  Wire wire;
  wire.handshake().client("abc");
  wire.client_at(20'000'000, "injected").client_at(-20'000'000, "injected").client_at(0x70000000, "injected");
  wire.client("def").wait(1h);
  EXPECT_EQ(wire.told().to_server.text, "abcdef");
  EXPECT_EQ(wire.statistics().ignored_out_of_window.value(), 3u);
  EXPECT_EQ(wire.statistics().gaps_missing.value(), 0u);
}

TEST(Stream, DataBeforeTheFirstByteIsIgnored) {
  Wire wire;
  wire.handshake().client_at(-50, "from another connection").client("abc");
  EXPECT_EQ(wire.told().to_server.text, "abc");
  EXPECT_EQ(wire.statistics().ignored_before_start.value(), 1u);
}

TEST(Stream, ATruncatedSegmentLeavesATypedGap) {
  Wire wire;
  wire.handshake().send(wire.client_side, wire.client_side.first, tcp_flag::ack, "abc", 5);
  wire.client_at(8, "ijk");
  EXPECT_EQ(wire.told().to_server.text, "abc<cut 5>ijk");
  EXPECT_EQ(wire.statistics().gaps_truncated.value(), 1u);
  EXPECT_EQ(wire.statistics().gap_bytes_truncated.value(), 5u);
  EXPECT_EQ(wire.statistics().gaps_missing.value(), 0u);
}

TEST(Stream, ATruncatedSegmentOutOfOrderIsToldInItsPlace) {
  Wire wire;
  wire.handshake().send(wire.client_side, wire.client_side.first + 3, tcp_flag::ack, "de", 3);
  wire.client_at(8, "ij").client_at(0, "abc");
  EXPECT_EQ(wire.told().to_server.text, "abcde<cut 3>ij");
}

TEST(Stream, AWholeCopyRepairsATruncatedOneThatStillWaits) {
  Wire wire;
  wire.handshake().send(wire.client_side, wire.client_side.first + 3, tcp_flag::ack, "d", 6);
  wire.client_at(5, "fg").client_at(0, "abcd");
  EXPECT_EQ(wire.told().to_server.text, "abcd<cut 1>fg<cut 3>");
  wire.client_at(10, "k");
  EXPECT_EQ(wire.told().to_server.text, "abcd<cut 1>fg<cut 3>k");
}

TEST(Stream, BytesOfALaterSegmentReplaceTheTruncatedRangeAtTheFront) {
  Wire wire;
  wire.handshake().send(wire.client_side, wire.client_side.first + 2, tcp_flag::ack, "", 6);
  wire.client_at(0, "abcde");
  EXPECT_EQ(wire.told().to_server.text, "abcde<cut 3>");
}

TEST(Stream, AFullBufferTellsTheGapAndGoesOn) {
  ReassemblyOptions options;
  options.stream_bytes_max = 4096;
  Wire wire(options);
  const std::string block(1000, 'x');
  wire.handshake().client("abc");
  for (int number = 0; number < 4; ++number) {
    wire.client_at(10 + number * 1000, block);
    EXPECT_LE(wire.statistics().bytes_buffered(), 4096u);
  }
  EXPECT_EQ(wire.told().to_server.text, "abc<missing 7>" + block + block + block + block);
  EXPECT_EQ(wire.statistics().stream_limit_hits.value(), 1u);
  EXPECT_EQ(wire.statistics().bytes_buffered(), 0u);
  wire.client_at(3, "late");  // too late, and told of once only
  EXPECT_EQ(wire.told().to_server.next, 4010u);
}

TEST(Stream, TinySegmentsCannotOutgrowTheBuffer) {
  ReassemblyOptions options;
  options.stream_bytes_max = 64 << 10;
  Wire wire(options);
  wire.handshake().client("a");
  for (int number = 1; number < 3000; ++number) {
    wire.client_at(number * 2, "b");  // every second byte
    ASSERT_LE(wire.statistics().bytes_buffered(), (64u << 10));
  }
  EXPECT_GT(wire.statistics().stream_limit_hits.value(), 100u);
}

TEST(Stream, TheFlowThatStoredLongestGivesWayToTheTotalLimit) {
  ReassemblyOptions options;
  options.total_bytes_max = 35 << 10;
  Wire wire(options);
  const std::string block(10000, 'x');
  wire.handshake().client("first").client_at(10, block);
  wire.client_side.endpoint.port = 40001;
  wire.client_isn(1000).server_isn(5000).handshake().client("second").client_at(10, block);
  wire.client_at(20000, block).client_at(40000, block);
  EXPECT_EQ(wire.told(0).to_server.text.substr(0, 17), "first<missing 5>x");
  EXPECT_EQ(wire.told(0).to_server.next, 10010u);
  EXPECT_EQ(wire.told(1).to_server.text, "second");
  EXPECT_EQ(wire.statistics().total_limit_hits.value(), 1u);
  EXPECT_EQ(wire.statistics().stream_limit_hits.value(), 0u);
}

}  // namespace
}  // namespace understudy
