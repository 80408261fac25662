// The cases of "where it fails, measured" that lie in messages: pipelining, splits, chunks, methods, interim responses,
// responses without a body of their own. Expected: every request, whole.
#include <gmock/gmock.h>

#include "tests/golden/golden_chain.hpp"

namespace understudy {
namespace {

using testing::ElementsAre;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(GoldenMessages, TwoPipelinedGets) {
  GoldenChain chain;
  chain.run(conversation()
                .handshake()
                .client("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n")
                .server(ok + ok)
                .client_fin()
                .server_fin());
  EXPECT_THAT(chain.exchanges, ElementsAre("GET /1 -> 200 ok", "GET /2 -> 200 ok"));
  chain.expect_no_loss();
}

TEST(GoldenMessages, SixteenPipelinedInWireSizedSegments) {
  GoldenChain chain;
  std::string requests;
  std::string responses;
  for (int i = 0; i < 16; ++i) {
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nX-Fill: " + std::string(300, 'f') + "\r\n\r\n";
    responses += ok;
  }
  chain.run(conversation().handshake().client_in_segments(requests, 1448).server_in_segments(responses, 100));
  ASSERT_EQ(chain.exchanges.size(), 16U);
  for (int i = 0; i < 16; ++i)
    EXPECT_EQ(chain.exchanges[static_cast<std::size_t>(i)], "GET /" + std::to_string(i) + " -> 200 ok");
  chain.expect_no_loss();
}

// Request line, Content-Length, the head's end, chunk sizes and the last chunk: a cut at every place of the message,
// each in a connection of its own.
void expect_every_cut(const std::string& message, const std::string& expected) {
  std::vector<TcpConversation> conversations;
  for (std::size_t cut = 1; cut < message.size(); ++cut) {
    conversations.push_back(conversation(static_cast<unsigned>(cut)));
    conversations.back().handshake().client(message.substr(0, cut)).client(message.substr(cut)).server(ok);
  }
  GoldenChain chain;
  chain.run(ethernet_packets(conversations));
  ASSERT_EQ(chain.exchanges.size(), message.size() - 1);
  for (const std::string& exchange : chain.exchanges) EXPECT_EQ(exchange, expected + " -> 200 ok");
  chain.expect_no_loss();
}

TEST(GoldenMessages, CutAtEveryPlaceWithContentLength) {
  expect_every_cut("POST /split HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nhello world",
                   "POST /split hello world");
}

TEST(GoldenMessages, CutAtEveryPlaceChunked) {
  expect_every_cut(
      "POST /split HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: 1\r\n\r\n",
      "POST /split hello world");
}

TEST(GoldenMessages, EveryByteInASegmentOfItsOwn) {
  GoldenChain chain;
  chain.run(
      conversation()
          .handshake()
          .client_in_segments(
              "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /c HTTP/1.1\r\n\r\n", 1)
          .server_in_segments(ok + ok, 1));
  EXPECT_THAT(chain.exchanges, ElementsAre("POST /b abc -> 200 ok", "GET /c -> 200 ok"));
}

TEST(GoldenMessages, ASegmentThatEndsLikeALastChunkInsideAChunk) {
  GoldenChain chain;
  chain.run(conversation()
                .handshake()
                .client("POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nf\r\nabcdefg0\r\n\r\n")
                .client("hij\r\n3\r\nklm\r\n0\r\n\r\n")
                .server(ok));
  EXPECT_THAT(chain.exchanges, ElementsAre("POST /c abcdefg0\r\n\r\nhij"
                                           "klm -> 200 ok"));
  chain.expect_no_loss();
}

TEST(GoldenMessages, UndeclaredTrailer) {
  GoldenChain chain;
  chain.run(conversation()
                .handshake()
                .client("POST /t HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Checksum: 1\r\n\r\n")
                .server(ok)
                .client("GET /next HTTP/1.1\r\n\r\n")
                .server(ok));
  EXPECT_THAT(chain.exchanges, ElementsAre("POST /t abc -> 200 ok", "GET /next -> 200 ok"));
}

TEST(GoldenMessages, MethodsOutsideTheUsualOnes) {
  GoldenChain chain;
  auto talk = conversation();
  talk.handshake();
  for (const char* method : {"PROPFIND", "REPORT", "M-SEARCH", "X-CUSTOM", "lower"})
    talk.client(std::string(method) + " /m HTTP/1.1\r\nContent-Length: 1\r\n\r\nx").server(ok);
  chain.run(talk);
  EXPECT_THAT(chain.requests,
              ElementsAre("PROPFIND /m x", "REPORT /m x", "M-SEARCH /m x", "X-CUSTOM /m x", "lower /m x"));
  chain.expect_no_loss();
}

TEST(GoldenMessages, APauseInsideABody) {
  for (const auto pause :
       {std::chrono::milliseconds(500), std::chrono::milliseconds(3000), std::chrono::milliseconds(30000)}) {
    GoldenChain chain;
    chain.run(conversation()
                  .handshake()
                  .client("POST /slow HTTP/1.1\r\nContent-Length: 4\r\n\r\n")
                  .server_ack()
                  .wait(pause)
                  .client("ab")
                  .server_ack()
                  .wait(pause)
                  .client("cd")
                  .server(ok));
    EXPECT_THAT(chain.exchanges, ElementsAre("POST /slow abcd -> 200 ok"));
    chain.expect_no_loss();
  }
}

TEST(GoldenMessages, ContinueOfAnyForm) {
  for (const char* interim :
       {"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 \r\n\r\n", "HTTP/1.0 100 Go on\r\nX: y\r\n\r\n",
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\nDate: x\r\n\r\n"}) {
    GoldenChain chain;
    chain.run(conversation()
                  .handshake()
                  .client("PUT /e HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
                  .server(interim)
                  .client("body")
                  .server(ok)
                  .client("GET /n HTTP/1.1\r\n\r\n")
                  .server(ok));
    EXPECT_THAT(chain.exchanges, ElementsAre("PUT /e body -> 200 ok", "GET /n -> 200 ok")) << interim;
    chain.expect_no_loss();
  }
}

TEST(GoldenMessages, ProcessingInTheMiddleOfAnUpload) {
  GoldenChain chain;
  auto talk = conversation();
  talk.handshake().client("PUT /u HTTP/1.1\r\nContent-Length: 6\r\n\r\n");
  for (const char* piece : {"ab", "cd"}) talk.client(piece).server("HTTP/1.1 102 Processing\r\n\r\n");
  chain.run(talk.client("ef").server(ok));
  EXPECT_THAT(chain.exchanges, ElementsAre("PUT /u abcdef -> 200 ok"));
  EXPECT_EQ(chain.statistics().responses_interim.value(), 2U);
}

TEST(GoldenMessages, ResponsesWithoutABodyOfTheirOwn) {
  GoldenChain chain;
  chain.run(conversation()
                .handshake()
                .client("HEAD /h HTTP/1.1\r\n\r\n")
                .server("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                .client("GET /304 HTTP/1.1\r\n\r\n")
                .server("HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n")
                .client("HEAD /chunked HTTP/1.1\r\n\r\n")
                .server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                .client("DELETE /204 HTTP/1.1\r\n\r\n")
                .server("HTTP/1.1 204 No Content\r\n\r\n")
                .client("GET /close HTTP/1.1\r\n\r\n")
                .server("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil ")
                .server("the end")
                .server_fin()
                .client_fin());
  EXPECT_THAT(chain.exchanges, ElementsAre("HEAD /h -> 200", "GET /304 -> 304", "HEAD /chunked -> 200",
                                           "DELETE /204 -> 204", "GET /close -> 200 until the end"));
  chain.expect_no_loss();
}

TEST(GoldenMessages, WebSocketEndsHttp) {
  GoldenChain chain;
  chain.run(conversation()
                .handshake()
                .client("GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
                .server("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
                .client("\x81\x85GET / HTTP/1.1\r\n\r\n")
                .client("GET /inside HTTP/1.1\r\n\r\n"));
  EXPECT_THAT(chain.exchanges, ElementsAre("GET /ws -> 101"));
  chain.expect_no_loss();
}

TEST(GoldenMessages, Http2IsNamedAndNotMirrored) {
  GoldenChain chain;
  chain.run(conversation().handshake().client("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").client("frames").server("frames"));
  EXPECT_EQ(chain.statistics().connections_http2.value(), 1U);
  chain.expect_no_loss();
}

}  // namespace
}  // namespace understudy
