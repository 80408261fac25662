#include "agent/pairing/exchange_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/pairing/pairing_harness.hpp"

namespace understudy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Pairing, ARequestIsPublishedBeforeItsResponse) {
  PairingHarness flow;
  flow.get("/a");
  EXPECT_THAT(flow.handler.requests, ElementsAre("GET /a"));
  EXPECT_THAT(flow.handler.exchanges, IsEmpty());
  flow.ok("x");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a 200 x"));
  flow.end();
  EXPECT_EQ(flow.seen(), 1U);
  EXPECT_TRUE(flow.adds_up());
  EXPECT_EQ(flow.builder.memory(), 0U);
}

TEST(Pairing, TellsWhatIsKnownOfARequest) {
  PairingHarness flow;
  flow.client("POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\n").client("x").client("y").get("/b");
  ASSERT_EQ(flow.handler.kept.size(), 2U);
  const CapturedRequest& first = *flow.handler.kept[0];
  EXPECT_EQ(first.session, 1U);
  EXPECT_EQ(first.index_in_session, 0U);
  EXPECT_EQ(first.first_byte, WallTime{} + std::chrono::milliseconds(1));
  EXPECT_EQ(first.last_byte, WallTime{} + std::chrono::milliseconds(3));
  EXPECT_EQ(first.message.body().content(), "xy");
  EXPECT_EQ(flow.handler.kept[1]->index_in_session, 1U);
  EXPECT_EQ(flow.handler.kept[1]->first_byte, WallTime{} + std::chrono::milliseconds(4));
}

TEST(Pairing, PipelinedInOrder) {
  PairingHarness flow;
  flow.client("GET /1 HTTP/1.1\r\n\r\nHEAD /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(flow.handler.requests.size(), 3U);
  flow.ok("one").server("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n").ok("three");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /1 200 one", "HEAD /2 200", "GET /3 200 three"));
}

TEST(Pairing, InterimResponsesArePassedOver) {
  PairingHarness flow;
  flow.client("POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  flow.server("HTTP/1.1 100 Continue, please\r\nX: y\r\n\r\n").client("ab");
  flow.server("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n").ok("done");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("POST /a 200 done"));
  EXPECT_EQ(flow.statistics().responses_interim.value(), 3U);
  EXPECT_TRUE(flow.adds_up());
}

TEST(Pairing, FinalStatusInsteadOf100) {
  PairingHarness flow;
  flow.client("POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  flow.server("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n").client_end().server_end().end();
  EXPECT_THAT(flow.handler.requests, IsEmpty());
  EXPECT_THAT(flow.handler.exchanges, IsEmpty());
  EXPECT_EQ(flow.lost(LossReason::closed_early), 1U);
  EXPECT_TRUE(flow.adds_up());
  EXPECT_EQ(flow.builder.memory(), 0U);
}

TEST(Pairing, EarlyResponse) {
  PairingHarness flow;
  flow.client("POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nab").ok("early");
  EXPECT_THAT(flow.handler.exchanges, IsEmpty());
  flow.client("cd");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("POST /a 200 early"));
  flow.get("/b").ok("b");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("POST /a 200 early", "GET /b 200 b"));
}

// Packets of the two directions may be captured in the wrong order.
TEST(Pairing, ResponseBeforeItsRequest) {
  PairingHarness flow;
  flow.ok("a").client("GET /a HTTP/1.1\r\nHost: h\r\n").client("\r\n");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a 200 a"));
  flow.server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n").client("HEAD /b HTTP/1.1\r\n\r\n");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a 200 a", "HEAD /b 200"));
}

TEST(Pairing, EndsBeforeTheRequest) {
  PairingHarness flow;
  flow.server("HTTP/1.0 200 OK\r\n\r\nall").server_end().get("/a");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a 200 all"));
  flow.end();
  EXPECT_TRUE(flow.adds_up());
}

TEST(Pairing, ResponseWithoutRequest) {
  PairingHarness flow;
  flow.server("HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").server_end().end();
  EXPECT_THAT(flow.handler.exchanges, IsEmpty());
  EXPECT_EQ(flow.statistics().responses_unmatched.value(), 1U);
  EXPECT_EQ(flow.builder.memory(), 0U);
}

TEST(Pairing, RequestWithoutResponse) {
  PairingHarness flow;
  flow.get("/a").get("/b").end(FlowEnd::drained);
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a -", "GET /b -"));
  EXPECT_EQ(flow.statistics().exchanges_without_response.value(), 2U);
  EXPECT_EQ(flow.builder.memory(), 0U);
}

TEST(Pairing, BodyEndedByClose) {
  for (const StreamEnd how : {StreamEnd::fin, StreamEnd::reset}) {
    PairingHarness flow;
    flow.get("/a").server("HTTP/1.1 200 OK\r\n\r\nbody").server_end(how).end();
    EXPECT_THAT(flow.handler.exchanges, ElementsAre(how == StreamEnd::fin ? "GET /a 200 body" : "GET /a 200 body cut"));
  }
}

TEST(Pairing, ResponseCutByTheEnd) {
  PairingHarness flow;
  flow.get("/a").server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbo").end(FlowEnd::expired);
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a 200 bo cut"));
  EXPECT_EQ(flow.statistics().responses_incomplete.value(), 1U);
}

TEST(Pairing, LossReasonsFollowTheEnd) {
  const std::pair<FlowEnd, LossReason> cases[] = {{FlowEnd::closed, LossReason::closed_early},
                                                  {FlowEnd::port_reused, LossReason::closed_early},
                                                  {FlowEnd::expired, LossReason::expired},
                                                  {FlowEnd::evicted, LossReason::memory},
                                                  {FlowEnd::drained, LossReason::unfinished}};
  for (const auto& [end, reason] : cases) {
    PairingHarness flow;
    flow.client("POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nx").end(end);
    EXPECT_EQ(flow.lost(reason), 1U);
    EXPECT_EQ(flow.seen(), 1U);
  }
}

TEST(Pairing, MalformedIsCountedByReason) {
  PairingHarness flow;
  flow.client("POST /a HTTP/1.1\r\nContent-Length: -1\r\n\r\n").get("/b").end();
  EXPECT_THAT(flow.handler.requests, ElementsAre("GET /b"));
  EXPECT_EQ(flow.lost(LossReason::malformed), 1U);
  EXPECT_EQ(flow.statistics().malformed[static_cast<std::size_t>(Malformation::content_length)].value(), 1U);
  EXPECT_TRUE(flow.adds_up());
}

TEST(Pairing, TooLargeKeepsTheOrderOfResponses) {
  PairingOptions options = PairingHarness::recording();
  options.limits.body_max = 3;
  PairingHarness flow(options);
  flow.client("POST /big HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcdGET /b HTTP/1.1\r\n\r\n").ok("1").ok("2");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /b 200 2"));
  EXPECT_EQ(flow.lost(LossReason::body_too_large), 1U);
  EXPECT_TRUE(flow.adds_up());
}

TEST(Pairing, OtherProtocolsAreNoRequests) {
  PairingHarness flow;
  flow.client("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").client("frames").server("frames").end();
  flow.begin();
  flow.client("\x16\x03\x01\x05").server("\x16\x03\x03").end();
  flow.begin();
  flow.client("EHLO example.com\r\n").server("250 ok\r\n").end();
  EXPECT_EQ(flow.statistics().connections.value(), 3U);
  EXPECT_EQ(flow.statistics().connections_http2.value(), 1U);
  EXPECT_EQ(flow.statistics().connections_tls.value(), 1U);
  EXPECT_EQ(flow.statistics().connections_unknown.value(), 1U);
  EXPECT_EQ(flow.statistics().bytes_tunnelled.value(), 15U);
  EXPECT_EQ(flow.seen(), 0U);
}

TEST(Pairing, JoinedMidstreamIsNoLoss) {
  PairingHarness flow(PairingHarness::recording(), false);
  flow.server("rest of a response").client("rest of a body").get("/a").ok("a").end();
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a 200 a"));
  EXPECT_EQ(flow.seen(), 1U);
  EXPECT_EQ(flow.lost(), 0U);
  EXPECT_EQ(flow.statistics().connections_joined_midstream.value(), 1U);
  EXPECT_EQ(flow.statistics().bytes_skipped.value(), 32U);
}

TEST(Pairing, MidstreamResponsesOfUnseenRequestsAreDropped) {
  PairingHarness flow(PairingHarness::recording(), false);
  flow.ok("of an unseen one").get("/a").ok("a");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /a 200 a"));
  EXPECT_EQ(flow.statistics().responses_unmatched.value(), 1U);
}

TEST(PairingNeeds, OnlyRequests) {
  PairingOptions options;
  options.needs.request_bodies = true;
  PairingHarness flow(options);
  flow.get("/a")
      .ok("x")
      .client("HEAD /b HTTP/1.1\r\n\r\n")
      .server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
      .get("/c");
  EXPECT_EQ(flow.handler.requests.size(), 3U);
  EXPECT_THAT(flow.handler.exchanges, IsEmpty());
  EXPECT_EQ(flow.statistics().responses.value(), 2U);
  EXPECT_EQ(flow.builder.memory(), 0U);
}

TEST(PairingNeeds, NoBodies) {
  PairingOptions options;
  options.needs.exchanges = true;
  PairingHarness flow(options);
  flow.client("POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody").ok("answer");
  ASSERT_EQ(flow.handler.kept.size(), 1U);
  EXPECT_FALSE(flow.handler.kept[0]->message.body().is_kept());
  EXPECT_EQ(flow.handler.kept[0]->message.body().content_size(), 4U);
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("POST /a 200"));
}

TEST(PairingNeeds, AnExchangeThatNobodyWantsIsNotKept) {
  PairingHarness flow;
  flow.handler.wants_exchange = false;
  flow.get("/a");
  EXPECT_EQ(flow.builder.memory(), 0U);
  flow.ok("a").handler.wants_exchange = true;
  flow.get("/b").ok("b");
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /b 200 b"));
}

TEST(PairingLimits, UnpairedRequestsAreBounded) {
  PairingOptions options = PairingHarness::recording();
  options.unpaired_max = 3;
  PairingHarness flow(options);
  for (int i = 0; i < 4; ++i) flow.get("/" + std::to_string(i));
  EXPECT_THAT(flow.handler.exchanges, ElementsAre("GET /0 -", "GET /1 -", "GET /2 -", "GET /3 -"));
  EXPECT_EQ(flow.statistics().pairing_abandoned.value(), 1U);
  flow.ok("x").get("/4");
  EXPECT_EQ(flow.handler.exchanges.back(), "GET /4 -");
  EXPECT_EQ(flow.builder.memory(), 0U);
}

TEST(PairingLimits, MemoryOfUnpairedRequests) {
  PairingOptions options = PairingHarness::recording();
  options.memory_max = 2000;
  PairingHarness flow(options);
  for (int i = 0; i < 10; ++i) flow.get("/" + std::to_string(i));
  EXPECT_EQ(flow.handler.requests.size(), 10U);
  EXPECT_GT(flow.statistics().requests_over_memory.value(), 0U);
  EXPECT_EQ(flow.handler.exchanges.size(), flow.statistics().requests_over_memory.value());
  EXPECT_LE(flow.builder.memory(), 2000U);
  flow.end();
  EXPECT_EQ(flow.handler.exchanges.size(), 10U);
  EXPECT_EQ(flow.builder.memory(), 0U);
}

TEST(PairingLimits, MemoryOfBodies) {
  PairingOptions options = PairingHarness::recording();
  options.memory_max = 10000;
  PairingHarness flow(options);
  flow.client("POST /a HTTP/1.1\r\nContent-Length: 20000\r\n\r\n" + std::string(20000, 'x')).get("/b");
  EXPECT_THAT(flow.handler.requests, ElementsAre("GET /b"));
  EXPECT_EQ(flow.lost(LossReason::memory), 1U);
  EXPECT_TRUE(flow.adds_up());
}

// What an exchange leaves behind is used for the next one: of any size, framing and retention.
TEST(Pairing, ResponsesOfDifferentKindsFollowEachOther) {
  PairingHarness flow;
  const std::string large(40'000, 'x');
  flow.get("/1").ok("one");
  flow.get("/2").server("HTTP/1.1 204 No Content\r\n\r\n");
  flow.get("/3").server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  flow.get("/4").ok(large);
  flow.get("/5").ok("five");
  flow.client("HEAD /6 HTTP/1.1\r\n\r\n").server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
  flow.get("/7").ok("seven");
  EXPECT_THAT(flow.handler.exchanges,
              ElementsAre("GET /1 200 one", "GET /2 204", "GET /3 200 abc", "GET /4 200 " + large, "GET /5 200 five",
                          "HEAD /6 200", "GET /7 200 seven"));
  EXPECT_EQ(flow.builder.memory(), 0U);
}

TEST(Pairing, AResponseInOnePieceIsOfferedWhereItLies) {
  PairingHarness flow;
  flow.get("/1").ok("one").get("/2").server("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(flow.handler.in_place, 2U);
  flow.get("/3").get("/4").ok("three").ok("four");  // pipelined
  EXPECT_EQ(flow.handler.in_place, 4U);
  flow.get("/5").server("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfi").server("ve");
  flow.get("/6").server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsix\r\n0\r\n\r\n");
  flow.get("/7").server("HTTP/1.1 200 OK\r\nContent-Le").server("ngth: 5\r\n\r\nseven");
  flow.client("GET /8 HTTP/1.1\r\nUpgrade: x\r\n\r\n").ok("eight");
  EXPECT_EQ(flow.handler.in_place, 5U);  // one more: the body came whole behind the rest of its head
  flow.client("POST /9 HTTP/1.1\r\nContent-Length: 4\r\n\r\nni").ok("early").client("ne");
  EXPECT_EQ(flow.handler.in_place, 5U);
  EXPECT_THAT(flow.handler.exchanges,
              ElementsAre("GET /1 200 one", "GET /2 204", "GET /3 200 three", "GET /4 200 four", "GET /5 200 five",
                          "GET /6 200 six", "GET /7 200 seven", "GET /8 200 eight", "POST /9 200 early"));
  EXPECT_EQ(flow.statistics().responses.value(), 9U);
  flow.end();
  EXPECT_EQ(flow.builder.memory(), 0U);
}

TEST(Pairing, ASharedExchangeStaysAsItWas) {
  PairingHarness flow;
  flow.handler.shares = true;
  flow.get("/1").ok("one").get("/2").ok("two");
  flow.handler.shares = false;
  flow.get("/3").ok("three").get("/4").ok("four");
  ASSERT_EQ(flow.handler.shared.size(), 2U);
  EXPECT_EQ(flow.handler.shared[0]->response->message.body().content(), "one");
  EXPECT_EQ(flow.handler.shared[1]->response->message.body().content(), "two");
  EXPECT_EQ(flow.handler.shared[1]->request->message.target(), "/2");
  EXPECT_EQ(flow.handler.shared[0].use_count(), 1);
}

}  // namespace
}  // namespace understudy
