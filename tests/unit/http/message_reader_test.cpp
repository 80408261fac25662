#include "traffic/http/message_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/http/reader_harness.hpp"

namespace understudy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> read_requests(std::string_view bytes) {
  ReaderHarness harness(MessageKind::request);
  harness.feed(bytes);
  harness.finish();
  EXPECT_EQ(harness.budget.used(), 0U);
  return harness.handler.events;
}

std::vector<std::string> read_responses(std::string_view bytes, std::vector<Answers> answers = {},
                                        bool orderly = true) {
  ReaderHarness harness(MessageKind::response);
  harness.handler.answers = std::move(answers);
  harness.feed(bytes);
  harness.finish(orderly);
  EXPECT_EQ(harness.budget.used(), 0U);
  return harness.handler.events;
}

TEST(MessageReaderRequests, OneWithoutBody) {
  EXPECT_THAT(read_requests("GET /a?b=c HTTP/1.1\r\nHost: x\r\nAccept:\t*/* \r\n\r\n"),
              ElementsAre("request GET /a?b=c 1.1 [Host=x] [Accept=*/*] none 0/0 \"\""));
}

TEST(MessageReaderRequests, HeadBytesAreKeptAsTheyWere) {
  constexpr std::string_view bytes = "gEt /%41 HTTP/1.1\r\nhOST :x\r\nhOST:  x  \r\nZ:\r\n\r\n";
  FramingPolicy policy;
  policy.accept_space_before_colon = true;
  ReaderHarness harness(MessageKind::request, policy);
  harness.feed(bytes);
  ASSERT_EQ(harness.handler.messages.size(), 1U);
  const HttpMessage& message = harness.handler.messages[0];
  EXPECT_EQ(message.raw_head(), bytes);
  EXPECT_EQ(message.raw_head().substr(0, message.start_line_length()), "gEt /%41 HTTP/1.1\r\n");
  EXPECT_EQ(message.field_line(0), "hOST :x\r\n");
  EXPECT_EQ(message.field_line(2), "Z:\r\n");
  EXPECT_EQ(message.empty_line_offset(), bytes.size() - 2);
  EXPECT_EQ(message.field("Host"), "x");
  EXPECT_EQ(message.field("z"), "");
  EXPECT_EQ(message.field("none"), std::nullopt);
}

TEST(MessageReaderRequests, Pipelined) {
  EXPECT_THAT(
      read_requests("GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\n\r\n"),
      ElementsAre("request GET /1 1.1 none 0/0 \"\"", "request POST /2 1.1 [Content-Length=3] length 3/3 \"abc\"",
                  "request GET /3 1.1 none 0/0 \"\""));
}

TEST(MessageReaderRequests, AnyMethodToken) {
  EXPECT_THAT(read_requests("PROPFIND / HTTP/1.1\r\n\r\nM-SEARCH * HTTP/1.1\r\n\r\nget%00 / HTTP/1.1\r\n\r\n"),
              ElementsAre("request PROPFIND / 1.1 none 0/0 \"\"", "request M-SEARCH * 1.1 none 0/0 \"\"",
                          "request get%00 / 1.1 none 0/0 \"\""));
}

TEST(MessageReaderRequests, Http10AndLaterMinorVersions) {
  EXPECT_THAT(read_requests("GET / HTTP/1.0\r\n\r\nGET / HTTP/1.9\r\n\r\n"),
              ElementsAre("request GET / 1.0 none 0/0 \"\"", "request GET / 1.9 none 0/0 \"\""));
}

TEST(MessageReaderRequests, ChunkedWithExtensionsAndTrailers) {
  EXPECT_THAT(
      read_requests("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "4;name=\"v\"\r\nWiki\r\n05 \r\npedia\r\nA\r\n0\r\n\r\n12345\r\n0;last\r\nX-Sum: 1\r\nY: 2\r\n\r\n"
                    "GET /next HTTP/1.1\r\n\r\n"),
      ElementsAre("request POST / 1.1 [Transfer-Encoding=chunked] chunked 71/19 \"Wikipedia0\r\n\r\n12345\"",
                  "request GET /next 1.1 none 0/0 \"\""));
}

TEST(MessageReaderRequests, WireBytesOfAChunkedBodyAreKept) {
  constexpr std::string_view body = "3;x\r\nabc\r\n0\r\nT: 1\r\n\r\n";
  ReaderHarness harness(MessageKind::request);
  harness.feed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  harness.feed(body);
  ASSERT_EQ(harness.handler.messages.size(), 1U);
  std::string wire;
  for (const std::string_view slice : harness.handler.messages[0].body().wire_slices()) wire += slice;
  EXPECT_EQ(wire, body);
}

TEST(MessageReaderRequests, ContentLengthZeroAndBodyOnGet) {
  EXPECT_THAT(
      read_requests("GET / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiPOST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
      ElementsAre("request GET / 1.1 [Content-Length=2] length 2/2 \"hi\"",
                  "request POST / 1.1 [Content-Length=0] length 0/0 \"\""));
}

TEST(MessageReaderRequests, OtherCodingsBeforeChunked) {
  EXPECT_THAT(
      read_requests("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: , chunked\r\n\r\n0\r\n\r\n"),
      ElementsAre("request POST / 1.1 [Transfer-Encoding=gzip] [Transfer-Encoding=, chunked] chunked 5/0 \"\""));
}

TEST(MessageReaderRequests, EndsInsideAMessage) {
  EXPECT_THAT(read_requests("GET / HTTP/1.1\r\nHost"), ElementsAre("lost ended framing"));
  EXPECT_THAT(read_requests("GET /incompl"), ElementsAre("lost ended framing"));
  EXPECT_THAT(read_requests("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"), ElementsAre("lost ended head framing"));
  EXPECT_THAT(read_requests("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n"),
              ElementsAre("lost ended head framing"));
  EXPECT_THAT(read_requests("GET / HTTP/1.1\r\n\r\n\r\n"), ElementsAre("request GET / 1.1 none 0/0 \"\""));
}

TEST(MessageReaderRequests, LengthOf2To64Minus1NeverCompletes) {
  constexpr std::string_view behind = "GET /behind HTTP/1.1\r\n\r\n";
  for (const char* length : {"18446744073709551615", "18446744073709551616", "99999999999999999999999999999999"}) {
    ReaderHarness harness(MessageKind::request);
    harness.feed("POST / HTTP/1.1\r\nContent-Length: " + std::string(length) + "\r\n\r\nabc");
    harness.feed(behind);
    harness.finish();
    EXPECT_THAT(harness.handler.events, ElementsAre("lost body_too_large head"));
  }
}

TEST(MessageReaderRequests, BodyOverTheLimitIsSkippedWholeAndTheNextSurvives) {
  FramingLimits limits;
  limits.body_max = 10;
  const std::string eleven(11, 'x');
  ReaderHarness harness(MessageKind::request, {}, limits);
  harness.feed("POST /a HTTP/1.1\r\nContent-Length: 11\r\n\r\n" + eleven + "GET /b HTTP/1.1\r\n\r\n");
  harness.feed("POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n" + eleven +
               "\r\n0\r\n\r\nPOST /d HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789");
  EXPECT_THAT(harness.handler.events,
              ElementsAre("lost body_too_large head", "request GET /b 1.1 none 0/0 \"\"", "lost body_too_large head",
                          "request POST /d 1.1 [Content-Length=10] length 10/10 \"0123456789\""));
  EXPECT_EQ(harness.budget.used(), 0U);
}

TEST(MessageReaderRequests, HeadOverTheLimit) {
  FramingLimits limits;
  limits.head_max = 64;
  for (const bool in_pieces : {false, true}) {
    ReaderHarness harness(MessageKind::request, {}, limits);
    const std::string head = "GET / HTTP/1.1\r\nX: " + std::string(60, 'x') + "\r\n\r\n";
    if (in_pieces) {
      for (const char byte : head) harness.feed({&byte, 1});
    } else {
      harness.feed(head);
    }
    harness.feed("GET /next HTTP/1.1\r\n\r\n");
    EXPECT_THAT(harness.handler.events,
                ElementsAre("lost head_too_large framing", "request GET /next 1.1 none 0/0 \"\""));
  }
}

TEST(MessageReaderRequests, HeadOfOneMebibyteIsRead) {
  const std::string start = "GET / HTTP/1.1\r\nX: ";
  const std::string head = start + std::string((std::size_t{1} << 20) - start.size() - 4, 'x') + "\r\n\r\n";
  ASSERT_EQ(head.size(), std::size_t{1} << 20);
  ReaderHarness harness(MessageKind::request);
  for (std::size_t at = 0; at < head.size(); at += 1460) harness.feed(std::string_view(head).substr(at, 1460));
  ASSERT_EQ(harness.handler.messages.size(), 1U);
  EXPECT_EQ(harness.handler.messages[0].raw_head(), head);
}

TEST(MessageReaderRequests, BudgetUsedUpLosesTheMessageOnly) {
  ReaderHarness harness(MessageKind::request, {}, {}, 1000);
  harness.feed("POST /a HTTP/1.1\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x') + "GET /b HTTP/1.1\r\n\r\n");
  EXPECT_THAT(harness.handler.events, ElementsAre("lost memory head", "request GET /b 1.1 none 0/0 \"\""));
  EXPECT_EQ(harness.budget.used(), 0U);
}

TEST(MessageReaderRequests, BudgetUsedUpByAHeadInPieces) {
  ReaderHarness harness(MessageKind::request, {}, {}, 30);
  harness.feed("GET /a HTTP/1.1\r\nHost: ");
  harness.feed("a-long-name.example.com\r\n\r\n");
  harness.feed("GET /b HTTP/1.1\r\n\r\n");
  EXPECT_THAT(harness.handler.events, ElementsAre("lost memory framing", "request GET /b 1.1 none 0/0 \"\""));
  EXPECT_EQ(harness.budget.used(), 0U);
}

TEST(MessageReaderRequests, RetainHeadCountsTheBody) {
  ReaderHarness harness(MessageKind::request);
  harness.handler.retain = Retain::head;
  harness.feed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_THAT(harness.handler.events, ElementsAre("request POST / 1.1 [Transfer-Encoding=chunked] chunked 13/3"));
  EXPECT_EQ(harness.handler.messages[0].body().memory(), 0U);
}

TEST(MessageReaderRequests, PauseAndResume) {
  ReaderHarness harness(MessageKind::request);
  harness.handler.pause_after_each = true;
  constexpr std::string_view bytes = "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n";
  const std::size_t first = harness.reader.feed(bytes, WallTime{});
  EXPECT_EQ(first, bytes.size() / 2);
  EXPECT_TRUE(harness.reader.paused());
  EXPECT_EQ(harness.reader.feed(bytes.substr(first), WallTime{}), 0U);
  harness.reader.resume(WallTime{});
  EXPECT_EQ(harness.reader.feed(bytes.substr(first), WallTime{}), bytes.size() - first);
  EXPECT_EQ(harness.handler.events.size(), 2U);
}

TEST(MessageReaderRequests, AHeadThatWaitsIsToldOnceItMayGoOn) {
  for (const std::size_t cut : {std::size_t{0}, std::size_t{7}}) {
    ReaderHarness harness(MessageKind::request);
    harness.handler.wait_at_next_head = true;
    constexpr std::string_view bytes = "POST /1 HTTP/1.1\r\nContent-Length: 1\r\n\r\nx";
    std::string_view rest = bytes;
    if (cut > 0) {
      EXPECT_EQ(harness.reader.feed(rest.substr(0, cut), WallTime{}), cut);
      rest.remove_prefix(cut);
    }
    rest.remove_prefix(harness.reader.feed(rest, WallTime{}));
    EXPECT_EQ(rest, "x");
    EXPECT_THAT(harness.handler.events, IsEmpty());
    harness.reader.resume(WallTime{});
    EXPECT_EQ(harness.reader.feed(rest, WallTime{}), 1U);
    EXPECT_THAT(harness.handler.events, ElementsAre("request POST /1 1.1 [Content-Length=1] length 1/1 \"x\""));
    EXPECT_EQ(harness.budget.used(), 0U);
  }
}

TEST(MessageReaderOtherProtocols, Http2WithPriorKnowledge) {
  EXPECT_THAT(read_requests("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0GET / HTTP/1.1\r\n\r\n"),
              ElementsAre("other http2"));
}

TEST(MessageReaderOtherProtocols, Tls) {
  EXPECT_THAT(read_requests(std::string_view("\x16\x03\x01\x02\x00\x01\x00", 7)), ElementsAre("other tls"));
}

TEST(MessageReaderOtherProtocols, Unknown) {
  EXPECT_THAT(read_requests("SSH-2.0-OpenSSH_9.2\r\n"), ElementsAre("other unknown"));
  EXPECT_THAT(read_requests("USER bob\r\nPASS x\r\n"), ElementsAre("other unknown"));
  EXPECT_THAT(read_requests(std::string(300, 'a')), ElementsAre("other unknown"));
  EXPECT_THAT(read_requests("\x01"), ElementsAre("other unknown"));
  EXPECT_THAT(read_requests("ssh"), ElementsAre("other unknown"));
  EXPECT_THAT(read_requests(""), IsEmpty());
}

TEST(MessageReaderOtherProtocols, UnknownBytesAreNotGathered) {
  ReaderHarness harness(MessageKind::request);
  for (int i = 0; i < 1000; ++i) harness.feed("x");
  EXPECT_THAT(harness.handler.events, ElementsAre("other unknown"));
  EXPECT_EQ(harness.budget.used(), 0U);
}

TEST(MessageReaderOtherProtocols, HttpBehindAnUnknownBeginningIsPickedUp) {
  ReaderHarness harness(MessageKind::request);
  harness.feed("\x05\x01\x01");
  harness.feed("GET /in-socks HTTP/1.1\r\n\r\n");
  EXPECT_THAT(harness.handler.events, ElementsAre("other unknown", "request GET /in-socks 1.1 none 0/0 \"\""));
}

TEST(MessageReaderResponses, NoBodyBy63Rule1) {
  EXPECT_THAT(
      read_responses("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 P\r\nContent-Length: 5\r\n\r\n"
                     "HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n"
                     "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
                     {Answers::ordinary, Answers::ordinary, Answers::head}),
      ElementsAre("response 100 Continue 1.1 none 0/0 \"\"", "response 102 P 1.1 [Content-Length=5] none 0/0 \"\"",
                  "response 204 No Content 1.1 [Content-Length=9] none 0/0 \"\"",
                  "response 304 Not Modified 1.1 [Transfer-Encoding=chunked] none 0/0 \"\"",
                  "response 200 OK 1.1 [Content-Length=7] none 0/0 \"\"",
                  "response 200 OK 1.1 [Content-Length=1] length 1/1 \"x\""));
}

TEST(MessageReaderResponses, ConnectBy63Rule2) {
  EXPECT_THAT(
      read_responses("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nnoHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                     {Answers::connect, Answers::connect}),
      ElementsAre("response 403 No 1.1 [Content-Length=2] length 2/2 \"no\"",
                  "response 200 OK 1.1 [Content-Length=5] none 0/0 \"\""));
}

TEST(MessageReaderResponses, BodyEndedByClose) {
  EXPECT_THAT(read_responses("HTTP/1.0 200 OK\r\n\r\nall of it"),
              ElementsAre("response 200 OK 1.0 close 9/9 \"all of it\""));
  EXPECT_THAT(read_responses("HTTP/1.1 200\r\nTransfer-Encoding: gzip\r\n\r\nzz"),
              ElementsAre("response 200  1.1 [Transfer-Encoding=gzip] close 2/2 \"zz\""));
  EXPECT_THAT(read_responses("HTTP/1.0 200 OK\r\n\r\nall", {}, false), ElementsAre("lost ended head framing"));
}

TEST(MessageReaderResponses, TransferEncodingWinsOverContentLength) {
  EXPECT_THAT(
      read_responses("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
      ElementsAre("response 200 OK 1.1 [Content-Length=3] [Transfer-Encoding=chunked] chunked 11/1 \"x\""));
}

TEST(MessageReaderResponses, OversizedBodyIsCountedOn) {
  FramingLimits limits;
  limits.body_max = 4;
  ReaderHarness harness(MessageKind::response, {}, limits);
  harness.feed(
      "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdefHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n");
  EXPECT_THAT(harness.handler.events, ElementsAre("response 200 OK 1.1 [Content-Length=6] length 6/6",
                                                  "response 200 OK 1.1 [Transfer-Encoding=chunked] chunked 20/5"));
  EXPECT_EQ(harness.budget.used(), 0U);
}

TEST(MessageReaderResponses, Persistence) {
  const auto persistent = [](std::string_view head) {
    ReaderHarness harness(MessageKind::response);
    harness.handler.retain = Retain::nothing;
    harness.feed(head);
    harness.finish();
    return harness.handler.messages.at(0).persistent();
  };
  EXPECT_TRUE(persistent("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_FALSE(persistent("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_FALSE(persistent("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_TRUE(persistent("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_FALSE(persistent("HTTP/1.1 200 OK\r\n\r\n"));
}

TEST(MessageReaderResponses, RetainNothingKeepsNothing) {
  ReaderHarness harness(MessageKind::response);
  harness.handler.retain = Retain::nothing;
  harness.feed("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
  ASSERT_EQ(harness.handler.messages.size(), 1U);
  const HttpMessage& message = harness.handler.messages[0];
  EXPECT_EQ(message.status(), 200);
  EXPECT_TRUE(message.raw_head().empty());
  EXPECT_TRUE(message.fields().empty());
  EXPECT_EQ(message.body().wire_size(), 3U);
  EXPECT_FALSE(message.body().is_kept());
}

// Asks for messages in place, and has forgotten to take them.
class ForgetfulHandler final : public MessageHandler {
 public:
  [[nodiscard]] HeadDecision on_head(MessageReader&, const ParsedHead&) override { return {.in_place = true}; }
  [[nodiscard]] AfterMessage on_message(MessageReader&, HttpMessage&&, MessageTimes) override {
    return AfterMessage::next;
  }
  void on_lost(MessageReader&, LostMessage&&) override {}
  void on_other_protocol(MessageReader&, OtherProtocol) override {}
};

TEST(MessageReaderDeathTest, AMessageInPlaceIsNotLostWithoutAWord) {
  HeadParser parser;
  MemoryBudget budget(1 << 20);
  ForgetfulHandler handler;
  MessageReader reader(MessageKind::request, parser, handler, budget);
  EXPECT_DEATH(static_cast<void>(reader.feed("GET / HTTP/1.1\r\n\r\n", WallTime{})), "handler_takes_messages_in_place");
}

}  // namespace
}  // namespace understudy
