#include "traffic/net/connect_tunnel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class TunnelReplyTest : public testing::Test {
 protected:
  TunnelReply::State feed(std::string_view bytes) { return reply.feed(bytes); }

  TargetUrl target = *parse_target("https://shadow.example.com");
  TargetUrl proxy = *parse_proxy("http://user:secret@proxy:3128");
  HeadParser parser;
  MemoryBudget budget;
  TunnelReply reply{target, proxy, parser, budget};
};

TEST(ConnectRequest, NamesTheAuthorityAndCarriesTheCredentials) {
  EXPECT_EQ(connect_request(*parse_target("http://[::1]/base"), *parse_proxy("proxy")),
            "CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n");
  EXPECT_EQ(connect_request(*parse_target("https://shadow"), *parse_proxy("Aladdin:open%20sesame@proxy")),
            "CONNECT shadow:443 HTTP/1.1\r\nHost: shadow:443\r\n"
            "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}

TEST_F(TunnelReplyTest, IsEstablishedByAnyTwoHundred) {
  EXPECT_EQ(feed("HTTP/1.1 200 Connection established\r\n\r\n"), TunnelReply::State::established);
}

TEST_F(TunnelReplyTest, IgnoresContentLengthOfASuccess) {
  EXPECT_EQ(feed("HTTP/1.0 204 x\r\nContent-Length: 100\r\n\r\n"), TunnelReply::State::established);
}

TEST_F(TunnelReplyTest, ReadsByteByByteAndPassesOverInterimAnswers) {
  const std::string_view answer = "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
  for (std::size_t i = 0; i + 1 < answer.size(); ++i) EXPECT_EQ(feed(answer.substr(i, 1)), TunnelReply::State::reading);
  EXPECT_EQ(feed("\n"), TunnelReply::State::established);
}

TEST_F(TunnelReplyTest, TellsTheReasonOfARefusalWithAHintButNotTheSecret) {
  EXPECT_EQ(feed("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 1000\r\n\r\n"),
            TunnelReply::State::refused);
  EXPECT_THAT(reply.failure(),
              AllOf(HasSubstr("proxy http://proxy:3128"), HasSubstr("407 Proxy Authentication Required"),
                    HasSubstr("does not accept the user and password"), Not(HasSubstr("secret"))));
}

TEST_F(TunnelReplyTest, SaysWhichPortToAskFor) {
  EXPECT_EQ(feed("HTTP/1.1 403 Forbidden\r\n\r\n"), TunnelReply::State::refused);
  EXPECT_THAT(reply.failure(), AllOf(HasSubstr("403 Forbidden"), HasSubstr("port 443")));
}

TEST_F(TunnelReplyTest, MakesAHostileReasonPrintable) {
  EXPECT_EQ(feed("HTTP/1.1 502 \x1b[31mred " + std::string(1000, 'x') + "\r\n\r\n"), TunnelReply::State::refused);
  EXPECT_THAT(reply.failure(), AllOf(HasSubstr("502 ?[31mred"), HasSubstr("cannot reach shadow.example.com:443")));
  EXPECT_LT(reply.failure().size(), 400U);
}

TEST_F(TunnelReplyTest, RefusesWhatIsNotHttp) {
  EXPECT_EQ(feed("SSH-2.0-OpenSSH_9.2\r\n"), TunnelReply::State::refused);
  EXPECT_THAT(reply.failure(), HasSubstr("not HTTP"));
}

TEST_F(TunnelReplyTest, RefusesBytesBehindTheAnswer) {
  EXPECT_EQ(feed("HTTP/1.1 200 OK\r\n\r\nearly"), TunnelReply::State::refused);
}

TEST_F(TunnelReplyTest, AClosedConnectionIsARefusal) {
  EXPECT_EQ(feed("HTTP/1.1 200"), TunnelReply::State::reading);
  EXPECT_EQ(reply.finish(), TunnelReply::State::refused);
  EXPECT_THAT(reply.failure(), HasSubstr("closed the connection"));
}

}  // namespace
}  // namespace understudy
