// Bodies of megabytes, and many requests.
#include <gmock/gmock.h>

#include "tests/golden/golden_chain.hpp"

namespace understudy {
namespace {

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

struct Upload {
  std::size_t size;
  std::size_t segment;  // as on the wire, or merged by offloading
};

class GoldenUpload : public testing::TestWithParam<Upload> {};

TEST_P(GoldenUpload, ArrivesWhole) {
  const auto [size, segment] = GetParam();
  GoldenChain chain;
  auto talk = conversation();
  talk.handshake();
  std::vector<std::string> bodies;
  for (std::uint32_t i = 0; i < 3; ++i) {
    bodies.push_back(varied_bytes(size, i + 1));
    talk.client("POST /" + std::to_string(i) + " HTTP/1.1\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
    talk.client_in_segments(bodies.back(), segment).server(ok);
  }
  chain.run(talk);
  ASSERT_EQ(chain.kept.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(chain.kept[i]->message.body().content() == bodies[i]) << i;
  chain.expect_no_loss();
}

constexpr std::size_t mebibyte = std::size_t{1} << 20;
INSTANTIATE_TEST_SUITE_P(Sizes, GoldenUpload,
                         testing::Values(Upload{mebibyte, 1448}, Upload{mebibyte, 65000}, Upload{2 * mebibyte, 1448},
                                         Upload{5242880 + 1, 1448}, Upload{6 * mebibyte, 1448},
                                         Upload{6 * mebibyte, 65000}),
                         [](const auto& instance) {
                           return std::to_string(instance.param.size) + "in" + std::to_string(instance.param.segment);
                         });

TEST(GoldenVolume, AChunkedBodyOfSixMebibytes) {
  GoldenChain chain;
  const std::string body = varied_bytes(6 * mebibyte);
  std::string message = "POST /chunked HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += 8192) message += "2000\r\n" + body.substr(at, 8192) + "\r\n";
  message += "0\r\n\r\n";
  auto talk = conversation();
  chain.run(talk.handshake().client_in_segments(message, 1448).server(ok));
  ASSERT_EQ(chain.kept.size(), 1U);
  EXPECT_TRUE(chain.kept[0]->message.body().content() == body);
  chain.expect_no_loss();
}

TEST(GoldenVolume, TwentyThousandPostsInTwoSegmentsEach) {
  constexpr std::size_t connections = 200;
  constexpr std::size_t posts = 100;
  std::vector<TcpConversation> conversations;
  const std::string body = varied_bytes(2000);
  for (std::size_t c = 0; c < connections; ++c) {
    TcpConversation& talk = conversations.emplace_back(conversation(static_cast<unsigned>(c)));
    talk.handshake();
    for (std::size_t p = 0; p < posts; ++p) {
      talk.client("POST /" + std::to_string(c) + "/" + std::to_string(p) + " HTTP/1.1\r\nContent-Length: 2000\r\n\r\n" +
                  body.substr(0, 1300));
      talk.client(body.substr(1300)).server(ok);
    }
    talk.client_fin().server_fin();
  }
  GoldenChain chain(false);
  chain.run(ethernet_packets(conversations));
  EXPECT_EQ(chain.requests.size(), connections * posts);
  EXPECT_EQ(chain.exchanges.size(), connections * posts);
  chain.expect_no_loss();
  std::vector<std::string> expected;
  for (std::size_t c = 0; c < connections; ++c)
    for (std::size_t p = 0; p < posts; ++p)
      expected.push_back("POST /" + std::to_string(c) + "/" + std::to_string(p) + " (2000 bytes) -> 200 ok");
  std::sort(expected.begin(), expected.end());
  std::sort(chain.exchanges.begin(), chain.exchanges.end());
  EXPECT_TRUE(chain.exchanges == expected);
}

}  // namespace
}  // namespace understudy
