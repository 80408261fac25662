// The table: who is followed, who times out, who gives way, and what is counted.
#include <gtest/gtest.h>

#include "tests/unit/reassembly/wire.hpp"

namespace understudy {
namespace {

using namespace std::chrono_literals;

// The client of the connection that `number` stands for.
Wire& connection(Wire& wire, std::uint16_t number) {
  wire.client_side.endpoint.port = static_cast<std::uint16_t>(20000 + number);
  return wire.client_isn(1000).server_isn(5000);
}

TEST(FlowTable, KeepsFlowsApartByAddressPortAndNetwork) {
  Wire wire;
  wire.handshake().client("one");
  wire.client_side.endpoint.port = 40001;
  wire.client_isn(1000).server_isn(5000).handshake().client("two");
  wire.client_side.endpoint = address_of(3, 40001);
  wire.client_isn(1000).server_isn(5000).handshake().client("three");
  TcpSegment segment;
  segment.source = wire.client_side.endpoint;
  segment.destination = wire.server_side.endpoint;
  segment.sequence = wire.client_side.next;
  segment.flags = tcp_flag::ack;
  segment.network = 7;
  segment.payload = as_bytes("four");
  wire.raw(segment);
  ASSERT_EQ(wire.handler.flows().size(), 4u);
  EXPECT_EQ(wire.told(2).to_server.text, "three");
  EXPECT_EQ(wire.told(3).to_server.text, "four");
}

TEST(FlowTable, TellsIpv6EndpointsAsTheyAre) {
  Wire wire;
  wire.client_side.endpoint.address = *IpAddress::parse("2001:db8::1");
  wire.server_side.endpoint.address = *IpAddress::parse("::1");
  wire.handshake().client("GET").server("200");
  ASSERT_EQ(wire.handler.flows().size(), 1u);
  EXPECT_EQ(wire.told().info.client.to_string(), "[2001:db8::1]:40000");
  EXPECT_EQ(wire.told().info.server.to_string(), "[::1]:80");
}

TEST(FlowTable, IgnoresOtherPorts) {
  ReassemblyOptions options;
  options.server_ports = {8080};
  Wire wire(options);
  wire.handshake().client("GET");
  EXPECT_TRUE(wire.handler.flows().empty());
  EXPECT_EQ(wire.statistics().ignored_other_port.value(), 4u);
  EXPECT_EQ(wire.statistics().flows_opened.value(), 0u);
}

TEST(FlowTable, IgnoresWhatCannotBe) {
  Wire wire;
  wire.send(wire.client_side, 1, tcp_flag::syn | tcp_flag::rst, "x");
  wire.server_side.endpoint = wire.client_side.endpoint;
  wire.client("to itself");
  EXPECT_EQ(wire.statistics().ignored_invalid.value(), 2u);
  EXPECT_EQ(wire.statistics().flows_opened.value(), 0u);
}

TEST(FlowTable, ResetsAndBareFinsOfUnknownFlowsBeginNothing) {
  Wire wire;
  wire.client_rst().client_fin().server_rst();
  EXPECT_EQ(wire.statistics().flows_opened.value(), 0u);
}

TEST(FlowTable, IdleFlowsExpireOnPacketTime) {
  Wire wire;
  wire.handshake().client("GET").client_at(10, "stored");
  connection(wire, 1).handshake().client("GET");
  wire.wait(wire.options.idle_timeout / 2).client(" /").wait(wire.options.idle_timeout / 2);
  EXPECT_EQ(wire.told(0).end, FlowEnd::expired);
  EXPECT_EQ(wire.told(0).to_server.text, "GET<missing 7>stored");
  EXPECT_FALSE(wire.told(1).end.has_value());
  wire.wait(wire.options.idle_timeout / 2);
  EXPECT_EQ(wire.told(1).end, FlowEnd::expired);
  EXPECT_EQ(wire.statistics().flows_expired.value(), 2u);
}

TEST(FlowTable, PacketsAloneLetTimePass) {
  Wire wire;
  wire.handshake().client("GET");
  connection(wire, 1);
  wire.now += wire.options.idle_timeout;
  wire.handshake();  // no call of advance()
  EXPECT_EQ(wire.told(0).end, FlowEnd::expired);
}

TEST(FlowTable, ASingleWrongTimeStampExpiresNothing) {
  Wire wire;
  wire.handshake().client("GET");
  const WallTime right = wire.now;
  connection(wire, 1);
  wire.now += 24h * 365;
  wire.client("from the future");
  wire.now = right;
  wire.client(" and back");
  wire.now = WallTime{};
  wire.client(" and from the past");
  wire.now = right;
  wire.client(" and back");
  EXPECT_FALSE(wire.told(0).end.has_value());
  EXPECT_EQ(wire.told(1).to_server.text, "from the future and back and from the past and back");
}

TEST(FlowTable, AFullTableEvictsTheLeastRecentlyActive) {
  ReassemblyOptions options;
  options.flows_max = 4;
  Wire wire(options);
  for (std::uint16_t number = 0; number < 4; ++number) {
    connection(wire, number).handshake().client("GET").client_at(5, "st").wait(100ms);
  }
  connection(wire, 0).client_at(3, " /");  // active again
  connection(wire, 4).handshake().client("GET");
  EXPECT_FALSE(wire.told(0).end.has_value());
  EXPECT_EQ(wire.told(1).end, FlowEnd::evicted);
  EXPECT_EQ(wire.told(1).to_server.text, "GET<missing 2>st");
  EXPECT_FALSE(wire.told(2).end.has_value());
  EXPECT_EQ(wire.statistics().flows_evicted.value(), 1u);
  EXPECT_EQ(wire.statistics().flows_open(), 4u);
}

TEST(FlowTable, EndedFlowsGiveWayFirstAndSynsNext) {
  ReassemblyOptions options;
  options.flows_max = 4;
  Wire wire(options);
  connection(wire, 0).handshake().client("old");
  connection(wire, 1).handshake().client_fin("closed").server_fin().client_ack();
  connection(wire, 2).syn();
  connection(wire, 3).handshake().client("new");
  connection(wire, 4).syn();
  connection(wire, 5).syn();
  EXPECT_FALSE(wire.told(0).end.has_value());
  EXPECT_FALSE(wire.told(2).end.has_value());
  EXPECT_EQ(wire.statistics().flows_evicted.value(), 1u);
  connection(wire, 5).syn_ack().client("GET");  // was not the one that gave way
  EXPECT_TRUE(wire.told(3).info.saw_start);
}

TEST(FlowTable, AFloodOfSynsDoesNotDriveOutTheFlowsThatTalk) {
  ReassemblyOptions options;
  options.flows_max = 16;
  Wire wire(options);
  wire.handshake().client("GET");
  for (std::uint16_t number = 0; number < 1000; ++number) {
    TcpSegment syn;
    syn.source = address_of(9, number);
    syn.destination = wire.server_side.endpoint;
    syn.flags = tcp_flag::syn;
    wire.raw(syn);
  }
  wire.client(" /");
  EXPECT_EQ(wire.told().to_server.text, "GET /");
  EXPECT_EQ(wire.statistics().flows_open(), 16u);
}

TEST(FlowTable, ManyFlowsComeAndGo) {
  ReassemblyOptions options;
  options.flows_max = 256;
  Wire wire(options);
  for (int round = 0; round < 20; ++round) {
    for (std::uint16_t number = 0; number < 200; ++number) {
      connection(wire, number).client_isn(static_cast<std::uint32_t>(1000 + round * 100'000)).handshake();
      wire.client_fin("GET").server_fin("200").client_ack();
    }
  }
  ASSERT_EQ(wire.handler.flows().size(), 4000u);
  for (const auto& flow : wire.handler.flows()) {
    ASSERT_EQ(flow->end, FlowEnd::closed);
    ASSERT_EQ(flow->to_server.text, "GET<fin>");
    ASSERT_EQ(flow->to_client.text, "200<fin>");
  }
  EXPECT_EQ(wire.statistics().flows_evicted.value(), 0u);
}

TEST(FlowTable, DrainTellsEverythingAndTheTableGoesOn) {
  Wire wire;
  wire.handshake().client("GET").client_at(5, "stored").server("200");
  connection(wire, 1).handshake().client("GET").server_fin("200");
  wire.drain();
  EXPECT_EQ(wire.told(0).to_server.text, "GET<missing 2>stored");
  EXPECT_EQ(wire.told(0).end, FlowEnd::drained);
  EXPECT_EQ(wire.told(1).to_client.text, "200<fin>");
  EXPECT_EQ(wire.told(1).end, FlowEnd::drained);
  EXPECT_EQ(wire.statistics().flows_open(), 0u);
  connection(wire, 2).handshake().client("again");
  EXPECT_EQ(wire.told(2).to_server.text, "again");
}

TEST(FlowTable, CountsAddUp) {
  Wire wire;
  wire.handshake().client("GET").client("GET").client_fin().server_fin().client_ack();
  connection(wire, 1).client("joined");
  wire.drain();
  EXPECT_EQ(wire.statistics().segments.value(), 9u);
  EXPECT_EQ(wire.statistics().flows_opened.value(), 2u);
  EXPECT_EQ(wire.statistics().flows_closed.value(), 2u);
  EXPECT_EQ(wire.statistics().flows_midstream.value(), 1u);
  EXPECT_EQ(wire.statistics().bytes_delivered.value(), 12u);
}

}  // namespace
}  // namespace understudy
