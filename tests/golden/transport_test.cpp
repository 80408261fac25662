// The cases that lie in TCP and below: acknowledgements, retransmissions, wrap, empty segments, padding, ends.
#include <gmock/gmock.h>

#include "tests/golden/golden_chain.hpp"

namespace understudy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string post = "POST /p HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789";
const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

void expect_whole(GoldenChain& chain) {
  EXPECT_THAT(chain.exchanges, ElementsAre("POST /p 0123456789 -> 200 ok"));
  chain.expect_no_loss();
}

TEST(GoldenTransport, AcknowledgementThatMovesInMidRequest) {
  GoldenChain chain;
  // The server still sends the previous response while the client's next request is under way.
  auto talk = conversation();
  talk.handshake().client("GET /before HTTP/1.1\r\n\r\n").server("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n");
  talk.server("ab").client(post.substr(0, 20)).server("cd").client(post.substr(20, 15)).server("ef");
  talk.client(post.substr(35)).server(ok);
  chain.run(talk);
  EXPECT_THAT(chain.exchanges, ElementsAre("GET /before -> 200 abcdef", "POST /p 0123456789 -> 200 ok"));
  chain.expect_no_loss();
}

TEST(GoldenTransport, Retransmissions) {
  const auto half = static_cast<std::uint32_t>(post.size() / 2);
  const std::string first = post.substr(0, half);
  const std::string second = post.substr(half);
  // Whole, partial, and both parts coalesced.
  for (const auto& [offset, bytes] : {std::pair<std::uint32_t, std::string>{0, first},
                                      {half - 5, post.substr(half - 5)},
                                      {0, post},
                                      {3, post.substr(3, 8)}}) {
    GoldenChain chain;
    chain.run(conversation().handshake().client(first).client_at(offset, bytes).client_at(half, second).server(ok));
    expect_whole(chain);
  }
}

TEST(GoldenTransport, OutOfOrderWithTheBodyFirst) {
  GoldenChain chain;
  chain.run(conversation().handshake().client_at(38, post.substr(38)).client_at(0, post.substr(0, 38)).server(ok));
  expect_whole(chain);
}

TEST(GoldenTransport, SequenceNumbersWrap) {
  for (std::uint32_t before = 0; before <= post.size() + 1; ++before) {
    TcpConversation::Options options{.client = endpoint("10.0.0.1:40000"), .server = endpoint("10.0.0.2:80")};
    options.client_isn = 0U - before;
    options.server_isn = 0U - before / 2;
    GoldenChain chain;
    chain.run(TcpConversation(options).handshake().client(post.substr(0, 20)).client(post.substr(20)).server(ok));
    expect_whole(chain);
  }
}

TEST(GoldenTransport, SegmentsOfZeroBytes) {
  GoldenChain chain;
  chain.run(conversation()
                .handshake()
                .client("")
                .client(post.substr(0, 20))
                .client("")
                .server("")
                .client(post.substr(20))
                .client("")
                .server(ok));
  expect_whole(chain);
}

TEST(GoldenTransport, AOneByteTailWithEthernetPadding) {
  for (const bool garbage : {false, true}) {
    auto talk = conversation();
    talk.handshake().client(post.substr(0, post.size() - 1)).client(post.substr(post.size() - 1)).server(ok);
    talk.client("GET /n HTTP/1.1\r\n\r\n").server(ok);
    std::vector<CapturedPacket> packets;
    for (const TcpPacket& packet : talk.packets()) {
      Bytes frame = ethernet_frame(ip_packet(packet), {.vlans = {}, .minimum_size = 60});
      if (garbage && frame.size() > 60) frame.insert(frame.end(), 4, 0xee);  // a frame check sequence
      if (garbage && frame.size() == 60) frame.back() = 0xee;                // padding need not be zeros
      packets.push_back({std::move(frame), packet.time});
    }
    GoldenChain chain;
    chain.run(packets);
    EXPECT_THAT(chain.exchanges, ElementsAre("POST /p 0123456789 -> 200 ok", "GET /n -> 200 ok"));
    chain.expect_no_loss();
  }
}

TEST(GoldenTransport, KeepAliveProbesWithAGarbageByte) {
  GoldenChain chain;
  chain.run(conversation()
                .handshake()
                .client(post.substr(0, 20))
                .server_ack()
                .client_keep_alive("X")
                .server_ack()
                .client(post.substr(20))
                .server(ok)
                .client_keep_alive()
                .client("GET /n HTTP/1.1\r\n\r\n")
                .server(ok));
  EXPECT_THAT(chain.exchanges, ElementsAre("POST /p 0123456789 -> 200 ok", "GET /n -> 200 ok"));
  chain.expect_no_loss();
}

TEST(GoldenTransport, AHoleInABodyNeverGoesOutShort) {
  GoldenChain chain;
  chain.run(conversation()
                .handshake()
                .client(post.substr(0, 42))
                .lose_client(4)
                .client(post.substr(46))
                .server(ok)
                .client("GET /n HTTP/1.1\r\n\r\n")
                .server(ok)
                .client_fin()
                .server_fin());
  EXPECT_THAT(chain.requests, ElementsAre("GET /n"));
  EXPECT_EQ(chain.lost(LossReason::gap), 1U);
  EXPECT_TRUE(chain.adds_up());
}

TEST(GoldenTransport, LengthOf2To64Minus1NeverCompletes) {
  GoldenChain chain;
  chain.run(conversation()
                .handshake()
                .client("POST /x HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\nabc")
                .client("GET /smuggled HTTP/1.1\r\n\r\n"));
  EXPECT_THAT(chain.requests, IsEmpty());
  EXPECT_EQ(chain.lost(LossReason::body_too_large), 1U);
}

TEST(GoldenTransport, JoinedInMidstream) {
  auto talk = conversation();
  talk.client("the rest of a body\r\n").server(ok).client(post).server(ok);
  GoldenChain chain;
  chain.run(talk);
  expect_whole(chain);
  EXPECT_EQ(chain.statistics().connections_joined_midstream.value(), 1U);
}

}  // namespace
}  // namespace understudy
