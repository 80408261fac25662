// How flows begin: handshakes whole and in parts, data in the SYN, several SYNs, joining in midstream, roles.
#include <gtest/gtest.h>

#include "tests/unit/reassembly/wire.hpp"

namespace understudy {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t syn = tcp_flag::syn;
constexpr std::uint8_t syn_ack = tcp_flag::syn | tcp_flag::ack;

TEST(Handshake, IsToldWithTheFirstByte) {
  Wire wire;
  wire.handshake();
  EXPECT_TRUE(wire.handler.flows().empty());
  wire.client("GET");
  EXPECT_EQ(wire.told().info.client, wire.client_side.endpoint);
  EXPECT_EQ(wire.told().info.server, wire.server_side.endpoint);
  EXPECT_TRUE(wire.told().info.saw_start);
  EXPECT_EQ(wire.told().info.start, WallTime(1704067200s) + 10us);
  EXPECT_NE(wire.told().info.id, 0u);
}

TEST(Handshake, SynAloneIsEnough) {
  Wire wire;
  wire.syn().client("GET").server("200");
  EXPECT_TRUE(wire.told().info.saw_start);
  EXPECT_EQ(wire.told().to_server.text, "GET");
  EXPECT_EQ(wire.told().to_client.text, "200");
}

TEST(Handshake, SynAckAloneIsEnough) {
  Wire wire;
  wire.syn_ack().client("GET").server("200");
  EXPECT_TRUE(wire.told().info.saw_start);
  EXPECT_EQ(wire.told().info.server, wire.server_side.endpoint);
  EXPECT_EQ(wire.told().to_server.text, "GET");
}

TEST(Handshake, AFirstSegmentOutOfOrderWaitsForTheFirst) {
  Wire wire;
  wire.handshake().client_at(20, "body").client_at(0, "POST / HTTP/1.1\r\n\r\n\n");
  EXPECT_EQ(wire.told().to_server.text, "POST / HTTP/1.1\r\n\r\n\nbody");
}

TEST(Handshake, DataInTheSynCountsWhenItIsAcknowledged) {
  Wire wire;
  wire.send(wire.client_side, wire.client_side.first - 1, syn, "GET /fast");
  EXPECT_TRUE(wire.handler.flows().empty());
  EXPECT_GT(wire.statistics().bytes_buffered(), 0u);
  wire.client_lost(9);
  wire.syn_ack();
  EXPECT_EQ(wire.told().to_server.text, "GET /fast");
  wire.client(" HTTP").server("200");
  EXPECT_EQ(wire.told().to_server.text, "GET /fast HTTP");
  EXPECT_EQ(wire.statistics().bytes_buffered(), 0u);
}

TEST(Handshake, DataInTheSynCountsWhenTheClientGoesOnBehindIt) {
  Wire wire;
  wire.send(wire.client_side, wire.client_side.first - 1, syn, "GET /fast").client_lost(9);
  wire.client(" HTTP");
  EXPECT_EQ(wire.told().to_server.text, "GET /fast HTTP");
}

TEST(Handshake, DataInTheSynThatWasRefusedIsSentAgain) {
  Wire wire;
  wire.send(wire.client_side, wire.client_side.first - 1, syn, "GET /fast").syn_ack();
  EXPECT_TRUE(wire.handler.flows().empty());
  EXPECT_EQ(wire.statistics().refused_syn_data.value(), 9u);
  wire.client_ack().client("GET /again");
  EXPECT_EQ(wire.told().to_server.text, "GET /again");
}

TEST(Handshake, DataInTheSynAcceptedInPartIsToldInPart) {
  Wire wire;
  wire.send(wire.client_side, wire.client_side.first - 1, syn, "GET /fast").client_lost(4);
  wire.syn_ack().client("/again");
  EXPECT_EQ(wire.told().to_server.text, "GET /again");
}

TEST(Handshake, DataInTheSynThatNobodyAnsweredIsNotTold) {
  Wire wire;
  wire.send(wire.client_side, wire.client_side.first - 1, syn, "GET /fast").drain();
  EXPECT_TRUE(wire.handler.flows().empty());
  EXPECT_EQ(wire.statistics().refused_syn_data.value(), 9u);
}

TEST(Handshake, DataInTheSynAckCountsWhenItIsAcknowledged) {
  Wire wire;
  wire.syn().send(wire.server_side, wire.server_side.first - 1, syn_ack, "hello").server_lost(5);
  EXPECT_TRUE(wire.handler.flows().empty());
  wire.client_ack();
  EXPECT_EQ(wire.told().to_client.text, "hello");
}

TEST(Handshake, SynsWithDataCannotTakeAllMemory) {
  ReassemblyOptions options;
  options.total_bytes_max = 64 << 10;
  Wire wire(options);
  const std::string data(1400, 'x');
  for (std::uint16_t port = 1000; port < 1100; ++port) {
    wire.client_side.endpoint.port = port;
    wire.send(wire.client_side, 1000, syn, data);
  }
  EXPECT_LE(wire.statistics().bytes_buffered(), (64u << 10) / 4);
  EXPECT_GT(wire.statistics().total_limit_hits.value(), 80u);
}

TEST(Handshake, OfSeveralSynsTheOneThatIsAcknowledgedCounts) {
  Wire wire;
  for (std::uint32_t isn = 500'000'000; isn < 512'000'000; isn += 1'000'000) {
    wire.send(wire.client_side, isn, syn, {});
  }
  wire.syn();  // the one of this connection
  wire.send(wire.client_side, 700'000'000, syn, {});
  wire.syn_ack().client_ack().client("POST").server("200");
  ASSERT_EQ(wire.handler.flows().size(), 1u);
  EXPECT_EQ(wire.told().to_server.text, "POST");
  EXPECT_EQ(wire.told().to_client.text, "200");
  EXPECT_TRUE(wire.told().info.saw_start);
  EXPECT_EQ(wire.statistics().gaps_missing.value(), 0u);
}

TEST(Handshake, AnAcknowledgedSynThatWasForgottenIsFoundByWhatFollows) {
  Wire wire;
  wire.syn();  // of this connection, then more strays than are remembered
  for (std::uint32_t isn = 500'000'000; isn < 512'000'000; isn += 1'000'000) {
    wire.send(wire.client_side, isn, syn, {});
  }
  wire.syn_ack().client_ack().client("POST").server("200");
  EXPECT_EQ(wire.told().to_server.text, "POST");
  EXPECT_EQ(wire.told().to_client.text, "200");
}

TEST(Handshake, WithoutAnAnswerTheClientShowsWhichSynCounts) {
  Wire wire;
  wire.send(wire.client_side, 500'000'000, syn, {}).syn();
  wire.client("POST");
  EXPECT_EQ(wire.told().to_server.text, "POST");
  EXPECT_TRUE(wire.told().info.saw_start);
}

TEST(Handshake, ASynThatLedToNothingDoesNotHideTheConnectionBehindIt) {
  Wire wire;
  wire.send(wire.client_side, 500'000'000, syn, {});
  wire.client("POST").server("200");
  EXPECT_EQ(wire.told().to_server.text, "POST");
  EXPECT_FALSE(wire.told().info.saw_start);
}

TEST(Handshake, ASynAckWithAWrongNumberDoesNotHideTheClient) {
  Wire wire;
  wire.syn();
  wire.client_side.next += 131072;
  wire.syn_ack();
  wire.client_side.next -= 131072;
  wire.client_ack().client("GET").server("200");
  EXPECT_EQ(wire.told().to_server.text, "GET");
  EXPECT_EQ(wire.told().to_client.text, "200");
}

TEST(Handshake, RepeatedSynsAndSynAcksChangeNothing) {
  Wire wire;
  wire.syn().syn().syn_ack().syn().syn_ack().client_ack().client("GET").syn_ack().client_ack().client(" /");
  ASSERT_EQ(wire.handler.flows().size(), 1u);
  EXPECT_EQ(wire.told().to_server.text, "GET /");
}

TEST(Handshake, SimultaneousOpen) {
  Wire wire;
  wire.syn().send(wire.server_side, wire.server_side.first - 1, syn, {});
  wire.send(wire.client_side, wire.client_side.first - 1, syn_ack, {}).syn_ack();
  wire.client("GET").server("200");
  ASSERT_EQ(wire.handler.flows().size(), 1u);
  EXPECT_EQ(wire.told().info.client, wire.client_side.endpoint);
  EXPECT_EQ(wire.told().to_server.text, "GET");
  EXPECT_EQ(wire.told().to_client.text, "200");
}

TEST(Handshake, ASynThatNothingFollowedIsForgotten) {
  Wire wire;
  wire.syn();
  EXPECT_EQ(wire.statistics().flows_open(), 1u);
  wire.wait(wire.options.handshake_timeout);
  EXPECT_EQ(wire.statistics().flows_open(), 0u);
  EXPECT_TRUE(wire.handler.flows().empty());
}

TEST(Midstream, JoinsByAData) {
  Wire wire;
  wire.client_lost(1000).server_lost(1000).client("second half\r\n").server("200").client("GET");
  EXPECT_FALSE(wire.told().info.saw_start);
  EXPECT_EQ(wire.told().to_server.text, "second half\r\nGET");
  EXPECT_EQ(wire.told().to_client.text, "200");
  EXPECT_EQ(wire.told().to_server.pieces.front().offset, 0u);
}

TEST(Midstream, AnAcknowledgementAloneTellsWhereBothStreamsStand) {
  Wire wire;
  wire.client_lost(1000).server_lost(1000).client_ack();
  wire.server_at(1003, "def").client_at(1002, "CD");  // both a little ahead of what is known
  EXPECT_TRUE(wire.handler.flows().empty());
  wire.server_at(1000, "abc").client_at(1000, "AB");
  EXPECT_EQ(wire.told().to_client.text, "abcdef");
  EXPECT_EQ(wire.told().to_server.text, "ABCD");
}

TEST(Midstream, AnEarlierByteCorrectsTheGuess) {
  Wire wire;
  wire.client_lost(5).client_ack();  // acknowledges, and stands behind data that is captured late
  wire.client_at(0, "abcde").client("fg");
  EXPECT_EQ(wire.told().to_server.text, "abcdefg");
}

TEST(Midstream, AKeepAliveProbeDoesNotCorrectTheGuess) {
  Wire wire;
  wire.client_ack().client_at(-1, "x").client("GET");
  EXPECT_EQ(wire.told().to_server.text, "GET");
}

TEST(Midstream, ALeadingHoleIsNoGap) {
  Wire wire;
  wire.client_lost(1000).server_ack().client_lost(300).client("tail").server_ack();
  wire.wait(wire.options.gap_slack);
  EXPECT_EQ(wire.told().to_server.text, "tail");
  EXPECT_EQ(wire.statistics().gaps_missing.value(), 0u);
}

TEST(Midstream, OneDirectionAlone) {
  Wire wire;
  wire.server("HTTP/1.1 200 OK\r\n").server("\r\n").server_fin().wait(wire.options.close_timeout);
  EXPECT_EQ(wire.told().to_client.text, "HTTP/1.1 200 OK\r\n\r\n<fin>");
  EXPECT_EQ(wire.told().info.server, wire.server_side.endpoint);  // the lower port
}

TEST(Midstream, TheSynCapturedLateIsTheFlowsOwn) {
  Wire wire;
  wire.client("GET").syn().syn_ack().client(" /").server("200");
  ASSERT_EQ(wire.handler.flows().size(), 1u);
  EXPECT_EQ(wire.told().to_server.text, "GET /");
}

TEST(Roles, ComeFromTheHandshakeEvenAgainstThePorts) {
  ReassemblyOptions options;
  options.server_ports = {40000};
  Wire wire(options);
  wire.handshake().client("GET");
  EXPECT_EQ(wire.told().info.server.port, 80);
}

TEST(Roles, ComeFromTheServersPortsElse) {
  ReassemblyOptions options;
  options.server_ports = {8080, 50000};
  Wire wire(options);
  wire.server_side.endpoint.port = 50000;  // the higher of the two
  wire.client("GET").server("200");
  EXPECT_EQ(wire.told().info.server.port, 50000);
  EXPECT_EQ(wire.told().to_server.text, "GET");
}

TEST(Roles, ComeFromTheLowerPortWhenBothAreServers) {
  ReassemblyOptions options;
  options.server_ports = {8080, 8081};
  Wire wire(options);
  wire.client_side.endpoint.port = 8081;
  wire.server_side.endpoint.port = 8080;
  wire.server("200").client("GET");
  EXPECT_EQ(wire.told().info.server.port, 8080);
}

TEST(Roles, WithEqualPortsTheFirstSenderIsTheClient) {
  Wire wire;
  wire.client_side.endpoint.port = 80;
  wire.client("GET").server("200");
  EXPECT_EQ(wire.told().info.client, wire.client_side.endpoint);
}

TEST(Roles, ASynCorrectsThem) {
  Wire wire;
  wire.client_side.endpoint.port = 79;
  wire.client_ack();  // of an earlier connection; the lower port is taken for the server
  wire.client_isn(900'000'000).server_isn(800'000'000).handshake().client("GET").server("200");
  EXPECT_EQ(wire.told().info.client.port, 79);
  EXPECT_EQ(wire.told().to_server.text, "GET");
  EXPECT_EQ(wire.told().to_client.text, "200");
}

}  // namespace
}  // namespace understudy
