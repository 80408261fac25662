// Gaps, streams joined in the middle, and starting again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/http/reader_harness.hpp"

namespace understudy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view next_request = "GET /next HTTP/1.1\r\n\r\n";
constexpr const char* next_event = "request GET /next 1.1 none 0/0 \"\"";

TEST(ReaderGap, InsideADeclaredBodyIsSkippedThrough) {
  ReaderHarness harness(MessageKind::request);
  harness.feed("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nab");
  harness.gap(5);
  harness.feed("hij" + std::string(next_request));
  EXPECT_THAT(harness.handler.events, ElementsAre("lost gap head", next_event));
}

TEST(ReaderGap, ThatEndsExactlyWithTheBody) {
  ReaderHarness harness(MessageKind::request);
  harness.feed("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n");
  harness.gap(10);
  // Not at the beginning of a piece's own writing: framing is exact, so it need not be.
  harness.feed(next_request.substr(0, 3));
  harness.feed(next_request.substr(3));
  EXPECT_THAT(harness.handler.events, ElementsAre("lost gap head", next_event));
}

TEST(ReaderGap, BeyondTheBodyHitsTwoMessages) {
  ReaderHarness harness(MessageKind::request);
  harness.feed("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n");
  harness.gap(11);
  harness.feed("T /x HTTP/1.1\r\n\r\n");
  harness.feed(next_request);
  EXPECT_THAT(harness.handler.events, ElementsAre("lost gap head", "lost gap framing", next_event));
}

TEST(ReaderGap, TwoInOneBodyAreOneLoss) {
  ReaderHarness harness(MessageKind::request);
  harness.feed("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n");
  harness.gap(2);
  harness.feed("cd");
  harness.gap(2);
  harness.feed("ghij" + std::string(next_request));
  EXPECT_THAT(harness.handler.events, ElementsAre("lost gap head", next_event));
}

TEST(ReaderGap, InsideAChunkIsSkippedThrough) {
  ReaderHarness harness(MessageKind::request);
  harness.feed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\na\r\nab");
  harness.gap(8);
  harness.feed("\r\n0\r\n\r\n" + std::string(next_request));
  EXPECT_THAT(harness.handler.events, ElementsAre("lost gap head", next_event));
}

TEST(ReaderGap, BeyondAChunkLosesTheFraming) {
  ReaderHarness harness(MessageKind::request);
  harness.feed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\na\r\nab");
  harness.gap(9);
  harness.feed("\n0\r\n\r\n" + std::string(next_request));
  harness.feed(next_request);
  EXPECT_THAT(harness.handler.events, ElementsAre("lost gap head framing", next_event));
}

TEST(ReaderGap, FramingLostInAMessageAlreadyLostIsToldAgain) {
  ReaderHarness harness(MessageKind::request);
  harness.feed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\na\r\nab");
  harness.gap(3);
  harness.gap(100);
  harness.feed(next_request);
  EXPECT_THAT(harness.handler.events, ElementsAre("lost gap head", "lost gap head framing again", next_event));
}

TEST(ReaderGap, InsideAHead) {
  ReaderHarness harness(MessageKind::request);
  harness.feed("GET / HTTP/1.1\r\nHo");
  harness.gap(5);
  harness.feed("x\r\n\r\n");
  harness.feed(next_request);
  EXPECT_THAT(harness.handler.events, ElementsAre("lost gap framing", next_event));
  EXPECT_EQ(harness.budget.used(), 0U);
}

TEST(ReaderGap, BetweenMessagesIsOneLoss) {
  ReaderHarness harness(MessageKind::request);
  harness.feed(next_request);
  harness.gap(500);
  harness.gap(500);
  harness.feed(next_request);
  EXPECT_THAT(harness.handler.events, ElementsAre(next_event, "lost gap framing", next_event));
}

TEST(ReaderGap, CutPacketsHaveAReasonOfTheirOwn) {
  ReaderHarness harness(MessageKind::request);
  harness.feed("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n");
  harness.reader.gap(10, true, WallTime{});
  harness.feed(next_request);
  EXPECT_THAT(harness.handler.events, ElementsAre("lost truncated head", next_event));
}

TEST(ReaderGap, InABodyEndedByClose) {
  ReaderHarness harness(MessageKind::response);
  harness.feed("HTTP/1.0 200 OK\r\n\r\nab");
  harness.gap(5);
  harness.feed("cd");
  harness.finish();
  EXPECT_THAT(harness.handler.events, ElementsAre("lost gap head"));
}

TEST(ReaderResync, StartsAtTheBeginningOfAPieceOnly) {
  ReaderHarness harness(MessageKind::request);
  harness.gap(1);
  harness.feed("tail of a body\r\n\r\nGET /inside-a-body HTTP/1.1\r\n\r\n");
  harness.feed(next_request);
  EXPECT_THAT(harness.handler.events, ElementsAre("lost gap framing", next_event));
}

TEST(ReaderResync, InsideASegmentByPolicy) {
  FramingPolicy policy;
  policy.resync_inside_segment = true;
  ReaderHarness harness(MessageKind::request, policy);
  harness.gap(1);
  harness.feed("Host: x\r\n\r\n" + std::string(next_request));
  EXPECT_THAT(harness.handler.events, ElementsAre("lost gap framing", next_event));
}

TEST(ReaderResync, OnALineThatIsCompletedLater) {
  ReaderHarness harness(MessageKind::request);
  harness.gap(1);
  harness.feed("GET /a-long-target-that-goes-on");
  harness.feed("-and-on HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(
      harness.handler.events,
      ElementsAre("lost gap framing", "request GET /a-long-target-that-goes-on-and-on 1.1 [Host=x] none 0/0 \"\""));
}

TEST(ReaderResync, APieceThatSpoilsATrialMayBeginAMessageItself) {
  ReaderHarness harness(MessageKind::request);
  harness.gap(1);
  harness.feed("ABC looks-like-one-so-far");
  harness.feed(next_request);
  EXPECT_THAT(harness.handler.events, ElementsAre("lost gap framing", next_event));
  EXPECT_EQ(harness.budget.used(), 0U);
}

TEST(ReaderResync, WordsThatAreNoStart) {
  for (const char* text :
       {"GET / HTTP/2.0\r\n\r\n", "get / HTTP/1.1\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1 \r\n\r\n",
        "GET HTTP/1.1\r\n\r\n", "1GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.x\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"}) {
    ReaderHarness harness(MessageKind::request, {}, {}, 1000, false);
    harness.feed("not the first piece");
    harness.feed(text);
    harness.finish();
    EXPECT_THAT(harness.handler.events, IsEmpty()) << text;
  }
}

TEST(ReaderResync, Responses) {
  ReaderHarness harness(MessageKind::response);
  harness.gap(10);
  harness.feed("HTTP/1.1 2xx OK\r\n\r\n");
  harness.feed("HTTP/1.1 204 OK\r\n\r\n");
  EXPECT_THAT(harness.handler.events, ElementsAre("lost gap framing", "response 204 OK 1.1 none 0/0 \"\""));
}

TEST(ReaderMidstream, BytesBeforeTheFirstStartAreNoLoss) {
  ReaderHarness harness(MessageKind::request, {}, {}, 1000, false);
  harness.feed("the end of a body");
  harness.gap(10);
  harness.feed(next_request);
  EXPECT_THAT(harness.handler.events, ElementsAre(next_event));
  EXPECT_EQ(harness.reader.bytes_skipped(), 17U);
}

TEST(ReaderMidstream, AtABoundaryNothingIsMissed) {
  ReaderHarness harness(MessageKind::request, {}, {}, 1000, false);
  harness.feed(next_request);
  EXPECT_THAT(harness.handler.events, ElementsAre(next_event));
  EXPECT_EQ(harness.reader.bytes_skipped(), 0U);
}

TEST(ReaderMidstream, AnyMethodIsBelievedInTheFirstPieceOnly) {
  ReaderHarness first(MessageKind::request, {}, {}, 1000, false);
  first.feed("X-ODD /a HTTP/1.1\r\n\r\n");
  EXPECT_THAT(first.handler.events, ElementsAre("request X-ODD /a 1.1 none 0/0 \"\""));
  ReaderHarness second(MessageKind::request, {}, {}, 1000, false);
  second.feed("G");
  second.feed("ET /a HTTP/1.1\r\n\r\n");
  EXPECT_THAT(second.handler.events, IsEmpty());
  ReaderHarness behind_a_gap(MessageKind::request, {}, {}, 1000, false);
  behind_a_gap.gap(1);
  behind_a_gap.feed("ET /a HTTP/1.1\r\n\r\n");
  EXPECT_THAT(behind_a_gap.handler.events, IsEmpty());
}

TEST(ReaderMidstream, NothingButGarbageIsNoLoss) {
  ReaderHarness harness(MessageKind::request, {}, {}, 1000, false);
  for (int i = 0; i < 100; ++i) harness.feed("GARBAGE");
  harness.finish();
  EXPECT_THAT(harness.handler.events, IsEmpty());
}

}  // namespace
}  // namespace understudy
