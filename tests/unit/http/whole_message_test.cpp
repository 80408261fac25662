#include "traffic/http/whole_message.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/messages.hpp"

namespace understudy {
namespace {

constexpr std::string_view post_head = "POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
constexpr std::string_view chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view length_head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";

std::string error_of(const Result<HttpMessage>& result) {
  EXPECT_FALSE(result);
  if (result) return "";
  EXPECT_EQ(result.error().code, ExitCode::recording_unreadable);
  return result.error().message;
}

class WholeMessageTest : public testing::Test {
 protected:
  WholeMessageParser parser_;
};

TEST_F(WholeMessageTest, GivesWhatTheStreamReaderGives) {
  const auto message = parser_.parse(MessageKind::request, post_head, "hello");
  ASSERT_TRUE(message);
  const HttpMessage expected = test::read_request(std::string(post_head) + "hello");
  EXPECT_EQ(message->raw_head(), expected.raw_head());
  EXPECT_EQ(message->method(), "POST");
  EXPECT_EQ(message->target(), "/a?b");
  EXPECT_EQ(message->field("content-length"), "5");
  EXPECT_EQ(message->framing(), BodyFraming::content_length);
  EXPECT_EQ(message->body().content(), "hello");
  EXPECT_EQ(message->persistent(), expected.persistent());
}

TEST_F(WholeMessageTest, ABodyMayComeInAnyPieces) {
  const std::string body = "5;x=y\r\nhello\r\n3\r\nabc\r\n0\r\nT: v\r\n\r\n";
  for (std::size_t size = 1; size <= body.size(); ++size) {
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < body.size(); at += size) pieces.push_back(std::string_view(body).substr(at, size));
    const auto message = parser_.parse(MessageKind::response, chunked_head, pieces);
    ASSERT_TRUE(message) << size;
    EXPECT_EQ(message->body().content(), "helloabc");
    EXPECT_EQ(message->body().wire_size(), body.size());
  }
}

TEST_F(WholeMessageTest, HeadAndBodyInOneText) {
  const auto message = parser_.parse_text(MessageKind::response, std::string(length_head) + "hello");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->status(), 200);
  EXPECT_EQ(message->body().content(), "hello");
  EXPECT_EQ(message->raw_head(), length_head);
}

TEST_F(WholeMessageTest, FramingDependsOnWhatAResponseAnswers) {
  const auto head = test::read_request("HEAD / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(parser_.parse(MessageKind::response, length_head, "", {answers_to(head)}));
  EXPECT_TRUE(parser_.parse(MessageKind::response, "HTTP/1.1 200 OK\r\n\r\n", "", {answers_to("CONNECT")}));
  EXPECT_FALSE(parser_.parse(MessageKind::response, length_head, ""));
  EXPECT_FALSE(parser_.parse(MessageKind::response, "HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", "hello"));
}

TEST_F(WholeMessageTest, BodiesMustBeAsLongAsTheirHeadsSay) {
  EXPECT_EQ(error_of(parser_.parse(MessageKind::request, post_head, "hell")),
            "a body of 4 bytes, where its head says 5");
  EXPECT_EQ(error_of(parser_.parse(MessageKind::request, post_head, "hello!")),
            "a body of 6 bytes, where its head says 5");
  EXPECT_EQ(error_of(parser_.parse(MessageKind::request, "GET / HTTP/1.1\r\n\r\n", "x")),
            "a body of 1 bytes, where its head says 0");
  EXPECT_EQ(error_of(parser_.parse(MessageKind::response, chunked_head, "5\r\nhel")), "a chunked body without its end");
  EXPECT_EQ(error_of(parser_.parse(MessageKind::response, chunked_head, "0\r\n\r\nx")),
            "bytes behind the end of a chunked body");
  EXPECT_EQ(error_of(parser_.parse(MessageKind::response, chunked_head, "zz\r\n")),
            "a malformed chunked body: chunk_size");
}

TEST_F(WholeMessageTest, ACutBodyIsTakenWhereThatIsAllowed) {
  const WholeMessageOptions cut{Answers::ordinary, true};
  EXPECT_EQ(parser_.parse(MessageKind::response, length_head, "hel", cut)->body().content(), "hel");
  EXPECT_EQ(parser_.parse(MessageKind::response, chunked_head, "5\r\nhel", cut)->body().content(), "hel");
  EXPECT_FALSE(parser_.parse(MessageKind::response, length_head, "hello!", cut));
}

TEST_F(WholeMessageTest, HeadsMustBeWholeAndNothingMore) {
  EXPECT_EQ(error_of(parser_.parse(MessageKind::request, "GET / HTTP/1.1\r\nHost: x\r\n", "")),
            "a request whose head has no end");
  EXPECT_EQ(error_of(parser_.parse(MessageKind::request, "", "")), "a request whose head has no end");
  EXPECT_EQ(error_of(parser_.parse(MessageKind::request, "GET / HTTP/1.1\r\n\r\nGET", "")),
            "bytes behind a request's head");
  EXPECT_EQ(error_of(parser_.parse(MessageKind::response, "nonsense\r\n\r\n", "")), "a malformed response: start_line");
}

TEST_F(WholeMessageTest, AcceptsWhateverAnAgentMayHaveAccepted) {
  EXPECT_TRUE(parser_.parse(MessageKind::request, "GET /a b HTTP/1.1\r\nHost : x\r\nno colon\r\n\r\n", ""));
  EXPECT_TRUE(parser_.parse(MessageKind::request, "GET / HTTP/1.1\nA: b\n\n", ""));
  const std::string long_head = "GET /" + std::string(3'000'000, 'x') + " HTTP/1.1\r\n\r\n";
  EXPECT_TRUE(parser_.parse(MessageKind::request, long_head, ""));
}

TEST_F(WholeMessageTest, ABodyThatWasOnlyCounted) {
  const auto message = parser_.parse_head_only(MessageKind::response, chunked_head, 100, 80);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->body().is_kept());
  EXPECT_EQ(message->body().wire_size(), 100U);
  EXPECT_EQ(message->body().content_size(), 80U);
  EXPECT_TRUE(parser_.parse_head_only(MessageKind::response, chunked_head, 0, 0)->body().is_kept());
  EXPECT_FALSE(parser_.parse_head_only(MessageKind::response, chunked_head, 1, 2));
}

}  // namespace
}  // namespace understudy
