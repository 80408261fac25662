// Gaps in either direction: what is lost, what is counted, and what pairs afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/pairing/pairing_harness.hpp"

namespace understudy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(PairingGap, InARequestBodyOfKnownLength) {
  PairingHarness flow;
  flow.client("POST /a HTTP/1.1\r\nContent-Length: 10\r\n\r\nab")
      .client_gap(4)
      .client("ghij")
      .get("/b")
      .ok("a")
      .ok("b");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /b 200 b"));
  EXPECT_EQ(flow.lost(LossReason::gap), 1U);
  EXPECT_TRUE(flow.adds_up());
}

TEST(PairingGap, CutPackets) {
  PairingHarness flow;
  flow.client("POST /a HTTP/1.1\r\nContent-Length: 10\r\n\r\nab").client_gap(8, GapCause::truncated).get("/b");
  EXPECT_EQ(flow.lost(LossReason::truncated), 1U);
  EXPECT_THAT(flow.handler.requests, ElementsAre("GET /b"));
}

TEST(PairingGap, BetweenRequestsWithoutPipelining) {
  PairingHarness flow;
  flow.get("/a").ok("a").client_gap(60).ok("of the lost one").get("/c").ok("c");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a 200 a", "GET /c 200 c"));
  EXPECT_EQ(flow.lost(LossReason::gap), 1U);
  EXPECT_EQ(flow.statistics().request_gaps.value(), 1U);
  EXPECT_EQ(flow.statistics().responses_unmatched.value(), 1U);
  EXPECT_TRUE(flow.adds_up());
}

TEST(PairingGap, ResponsesOfLostRequestsSeenLate) {
  PairingHarness flow;
  // The gap is known only when the next request comes, behind the lost one's response.
  flow.get("/a").ok("a").client_gap(60).get("/c").ok("c").get("/d").ok("d");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a 200 a", "GET /c 200 c", "GET /d 200 d"));
}

TEST(PairingGap, RequestsGoOnWhenPipelinedResponsesCannotBeTold) {
  PairingHarness flow;
  flow.get("/a").get("/b").client_gap(60).get("/d").ok("a").ok("b").ok("c").ok("d").get("/e").end();
  EXPECT_THAT(flow.handler.requests, ElementsAre("GET /a", "GET /b", "GET /d", "GET /e"));
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a -", "GET /b -", "GET /d -", "GET /e -"));
  EXPECT_EQ(flow.statistics().pairing_abandoned.value(), 1U);
  EXPECT_TRUE(flow.adds_up());
}

TEST(PairingGap, InAResponseBodyOfKnownLength) {
  PairingHarness flow;
  flow.get("/a").server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab").server_gap(8).get("/b").ok("b");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a 200 ab cut", "GET /b 200 b"));
  EXPECT_EQ(flow.lost(), 0U);
}

TEST(PairingGap, InAChunkedResponse) {
  PairingHarness flow;
  flow.get("/a").server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab").server_gap(50);
  flow.get("/b").server("\r\n0\r\n\r\n").ok("b");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a 200 ab cut", "GET /b 200 b"));
  EXPECT_EQ(flow.statistics().response_gaps.value(), 1U);
}

TEST(PairingGap, AWholeResponse) {
  PairingHarness flow;
  flow.get("/a").server_gap(50).get("/b").ok("b");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a -", "GET /b 200 b"));
}

TEST(PairingGap, APipelinedResponse) {
  PairingHarness flow;
  flow.get("/a").get("/b").get("/c").ok("a").server_gap(50).ok("c").get("/d").end();
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a 200 a", "GET /b -", "GET /c -", "GET /d -"));
  EXPECT_THAT(flow.handler.requests, ElementsAre("GET /a", "GET /b", "GET /c", "GET /d"));
}

TEST(PairingGap, MalformedResponse) {
  PairingHarness flow;
  flow.get("/a").server("HTTP/1.1 2000 what\r\n\r\n").get("/b").ok("b");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a -", "GET /b 200 b"));
  EXPECT_EQ(flow.lost(), 0U);
}

TEST(PairingGap, OneWayClientOnly) {
  PairingHarness flow;
  for (int i = 0; i < 1000; ++i) flow.get("/" + std::to_string(i));
  flow.end();
  EXPECT_EQ(flow.handler.requests.size(), 1000U);
  EXPECT_EQ(flow.handler.exchanges.size(), 1000U);
  EXPECT_TRUE(flow.adds_up());
}

TEST(PairingGap, OneWayServerOnly) {
  PairingOptions options = PairingHarness::recording();
  options.held_bytes_max = 500;
  PairingHarness flow(options);
  for (int i = 0; i < 100; ++i) flow.ok("x");
  EXPECT_LE(flow.builder.memory(), 1000U);
  flow.end();
  EXPECT_THAT(flow.handler.exchanges, IsEmpty());
  EXPECT_EQ(flow.statistics().responses_unmatched.value(), 100U);
}

TEST(PairingGap, AGapAtTheVeryBeginning) {
  PairingHarness flow;
  flow.client_gap(100).get("/b").ok("b");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /b 200 b"));
  EXPECT_EQ(flow.lost(LossReason::gap), 1U);
}

TEST(PairingGap, DestroyedWithoutAnEndGivesMemoryBack) {
  PairingHarness flow;
  flow.get("/a").client("POST /b HTTP/1.1\r\nContent-Length: 10\r\n\r\nab").ok("").server("HTTP/1.1 200 OK\r\n");
  EXPECT_GT(flow.builder.memory(), 0U);
  flow.state.reset();
  EXPECT_EQ(flow.builder.memory(), 0U);
}

}  // namespace
}  // namespace understudy
