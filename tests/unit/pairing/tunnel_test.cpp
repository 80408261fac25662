// CONNECT and Upgrade: the response decides what the client's bytes are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/pairing/pairing_harness.hpp"

namespace understudy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view upgrade = "GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
constexpr std::string_view connect = "CONNECT h:443 HTTP/1.1\r\n\r\n";
constexpr std::string_view switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
constexpr std::string_view http_inside = "GET /inside HTTP/1.1\r\n\r\n";

TEST(Tunnel, UpgradeAccepted) {
  PairingHarness flow;
  flow.client(upgrade).client(http_inside).server(switching).client(http_inside).server("\x81\x01x").end();
  EXPECT_THAT(flow.handler.requests, ElementsAre("GET /ws"));
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /ws 101"));
  EXPECT_EQ(flow.statistics().tunnels_upgraded.value(), 1U);
  EXPECT_GT(flow.statistics().bytes_tunnelled.value(), http_inside.size());
  EXPECT_EQ(flow.seen(), 1U);
  EXPECT_EQ(flow.builder.memory(), 0U);
}

TEST(Tunnel, UpgradeRefused) {
  PairingHarness flow;
  flow.client(std::string(upgrade) + "GET /next HTTP/1.1\r\n");
  flow.client("\r\n");
  EXPECT_THAT(flow.handler.requests, ElementsAre("GET /ws")) << "what follows waits";
  flow.ok("no");
  EXPECT_THAT(flow.handler.requests, ElementsAre("GET /ws", "GET /next"));
  flow.ok("n").end();
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /ws 200 no", "GET /next 200 n"));
  EXPECT_EQ(flow.statistics().tunnels_upgraded.value(), 0U);
  EXPECT_EQ(flow.builder.memory(), 0U);
}

TEST(Tunnel, InterimResponsesDoNotDecide) {
  PairingHarness flow;
  flow.client(upgrade).client(http_inside).server("HTTP/1.1 103 Hints\r\n\r\n");
  EXPECT_EQ(flow.handler.requests.size(), 1U);
  flow.ok("");
  EXPECT_EQ(flow.handler.requests.size(), 2U);
}

TEST(Tunnel, ConnectAccepted) {
  PairingHarness flow;
  flow.client(connect)
      .server("HTTP/1.1 200 Established\r\nContent-Length: 9\r\n\r\n")
      .client("\x16\x03\x01")
      .server("x")
      .end();
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("CONNECT h:443 200"));
  EXPECT_EQ(flow.statistics().tunnels_connect.value(), 1U);
  EXPECT_EQ(flow.statistics().connections_tls.value(), 0U);
}

TEST(Tunnel, ConnectRefused) {
  PairingHarness flow;
  flow.client(connect).client(http_inside).server("HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno").ok("in");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("CONNECT h:443 407 no", "GET /inside 200 in"));
}

TEST(Tunnel, EndsUndecidedWithHttp) {
  PairingHarness flow;
  flow.client(upgrade).client("GET /a HTTP/1.1\r\n").client("\r\nGET /b HTTP/1.1\r\n\r\n").end();
  EXPECT_THAT(flow.handler.requests, ElementsAre("GET /ws", "GET /a", "GET /b"));
  EXPECT_TRUE(flow.adds_up());
}

TEST(Tunnel, EndsUndecidedWithOtherBytes) {
  PairingHarness flow;
  flow.client(upgrade).client("\x81\x85mask").end();
  EXPECT_THAT(flow.handler.requests, ElementsAre("GET /ws"));
  EXPECT_EQ(flow.statistics().tunnels_upgraded.value(), 1U);
  EXPECT_EQ(flow.lost(), 0U);
}

TEST(Tunnel, SeveralUndecidedInARow) {
  PairingHarness flow;
  for (int i = 0; i < 5; ++i) flow.client(upgrade);
  flow.end();
  EXPECT_EQ(flow.handler.requests.size(), 5U);
  EXPECT_EQ(flow.handler.exchanges.size(), 5U);
}

TEST(Tunnel, ABoundOnWhatWaits) {
  PairingOptions options = PairingHarness::recording();
  options.held_bytes_max = 1000;
  PairingHarness flow(options);
  flow.client(upgrade);
  for (int i = 0; i < 100; ++i) flow.get("/" + std::to_string(i));
  EXPECT_GT(flow.handler.requests.size(), 50U);
  flow.end();
  EXPECT_EQ(flow.handler.requests.size(), 101U);
  EXPECT_EQ(flow.builder.memory(), 0U);
}

TEST(Tunnel, ABoundOnWhatWaitsOfATunnel) {
  PairingOptions options = PairingHarness::recording();
  options.held_bytes_max = 1000;
  PairingHarness flow(options);
  flow.client(connect);
  for (int i = 0; i < 100; ++i) flow.client(std::string(50, '\xff'));
  EXPECT_LE(flow.builder.memory(), 3000U);
  flow.end();
  EXPECT_THAT(flow.handler.requests, ElementsAre("CONNECT h:443"));
  EXPECT_EQ(flow.statistics().tunnels_connect.value(), 1U);
  EXPECT_EQ(flow.lost(), 0U);
  EXPECT_EQ(flow.builder.memory(), 0U);
}

TEST(Tunnel, AGapWhereTheAnswerWas) {
  PairingHarness flow;
  flow.client(upgrade).server_gap(100).client(http_inside).end();
  EXPECT_THAT(flow.handler.requests, ElementsAre("GET /ws", "GET /inside"));
  flow.begin();
  flow.client(upgrade).server_gap(100).client("\x82\x03").end();
  EXPECT_EQ(flow.statistics().tunnels_upgraded.value(), 1U);
  EXPECT_EQ(flow.lost(), 0U);
}

TEST(Tunnel, AGapInWhatWaits) {
  PairingHarness flow;
  flow.client(upgrade).client_gap(10).client(http_inside).ok("no");
  EXPECT_THAT(flow.handler.requests, ElementsAre("GET /ws", "GET /inside"));
  EXPECT_EQ(flow.lost(LossReason::gap), 1U);
  EXPECT_TRUE(flow.adds_up());
}

TEST(Tunnel, ServerEndsWithoutAnswer) {
  PairingHarness flow;
  flow.client(upgrade).client(http_inside).server_end();
  EXPECT_EQ(flow.handler.requests.size(), 2U);
}

TEST(Tunnel, ClientEndsWhileItWaits) {
  PairingHarness flow;
  flow.client(upgrade).client("GET /cut HTTP/1.1\r\n").client_end().ok("no").end();
  EXPECT_THAT(flow.handler.requests, ElementsAre("GET /ws"));
  EXPECT_EQ(flow.lost(LossReason::closed_early), 1U);
  EXPECT_TRUE(flow.adds_up());
}

TEST(Tunnel, H2cUpgrade) {
  PairingHarness flow;
  flow.client("GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n").server("HTTP/1.1 101 S\r\n\r\n");
  flow.client("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").end();
  EXPECT_EQ(flow.statistics().tunnels_upgraded.value(), 1U);
  EXPECT_EQ(flow.lost(), 0U);
}

TEST(Tunnel, AnUpgradeAnsweredBeforeItsRequest) {
  PairingHarness flow;
  flow.server(switching).client(upgrade).client("\x81\x01").end();
  EXPECT_THAT(flow.handler.requests, ElementsAre("GET /ws"));
  EXPECT_EQ(flow.statistics().tunnels_upgraded.value(), 1U);
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /ws 101"));
}

}  // namespace
}  // namespace understudy
