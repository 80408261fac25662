#include "tests/unit/recording/recorded.hpp"
#include "traffic/recording/access_log_line.hpp"
#include "traffic/recording/access_log_source.hpp"

namespace understudy {
namespace {

using test::input_of;
using test::nanoseconds;
using test::read_all;
using test::targets_of;
using test::wire_text;

constexpr std::int64_t base = 1'767'323'045'000'000'000;  // 2026-01-02T03:04:05Z

struct Read {
  std::vector<ExchangePtr> exchanges;
  RecordingReport report;
};

Read read(std::string text, const std::string& host = "") {
  auto source = open_access_log(input_of(std::move(text)), {host, {}});
  Read result;
  result.exchanges = read_all(*source);
  result.report = source->report();
  return result;
}

const std::string nginx_line =
    R"(192.0.2.1 - - [02/Jan/2026:03:04:05 +0000] "GET /a?b=1 HTTP/1.1" 200 612 "https://example.com/" "curl/8.0 \x22x\x22")";

TEST(AccessLog, NginxCombined) {
  const Read got = read(nginx_line + "\n", "api.test");
  ASSERT_EQ(got.exchanges.size(), 1U);
  const CapturedRequest& request = *got.exchanges[0]->request;
  EXPECT_EQ(
      wire_text(request.message),
      "GET /a?b=1 HTTP/1.1\r\nHost: api.test\r\nUser-Agent: curl/8.0 \"x\"\r\nReferer: https://example.com/\r\n\r\n");
  EXPECT_EQ(nanoseconds(request.first_byte), base);
  EXPECT_EQ(request.client.address.to_string(), "192.0.2.1");
  ASSERT_TRUE(got.exchanges[0]->response.has_value());
  const HttpMessage& response = got.exchanges[0]->response->message;
  EXPECT_EQ(response.status(), 200);
  EXPECT_FALSE(response.body().is_kept());
  EXPECT_EQ(response.body().content_size(), 612U);
  EXPECT_EQ(got.report.format, "access log");
  EXPECT_EQ(got.report.damages, 0U);
  EXPECT_FALSE(got.report.sessions_known);
}

TEST(AccessLog, ApacheCommonAndVirtualHosts) {
  const Read got = read(
      "2001:db8::1 - frank [02/Jan/2026:04:04:05 +0100] \"HEAD /common HTTP/1.0\" 304 -\n"
      "www.example.com:80 192.0.2.2 - - [02/Jan/2026:03:04:06 +0000] \"GET /vhost HTTP/1.1\" 404 10 \"-\" \"-\"\n");
  ASSERT_EQ(targets_of(got.exchanges), (std::vector<std::string>{"/common", "/vhost"}));
  EXPECT_EQ(wire_text(got.exchanges[0]->request->message), "HEAD /common HTTP/1.0\r\n\r\n");
  EXPECT_EQ(nanoseconds(got.exchanges[0]->request->first_byte), base);
  EXPECT_EQ(got.exchanges[0]->response->message.status(), 304);
  EXPECT_EQ(wire_text(got.exchanges[1]->request->message), "GET /vhost HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
}

TEST(AccessLog, LoadBalancerOfAws) {
  const std::string line =
      R"(https 2026-01-02T03:04:06.500000Z app/my-lb/50dc6c495c0c9188 192.0.2.1:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 )"
      R"(0 57 "GET https://www.example.com:443/path?q=1 HTTP/2.0" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 )"
      R"(arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 )"
      R"("Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "arn:aws:acm:us-east-2:1:certificate/1" 1 )"
      R"(2026-01-02T03:04:05.250000Z "authenticate,forward" "-" "-" "10.0.0.1:80" "200" "-" "-")";
  std::string post = line;
  post.replace(post.find("\"GET"), 4, "\"POST");
  std::string broken = line;
  broken.replace(broken.find(" 200 200 "), 9, " 460 -   ");
  broken.replace(broken.find("\"GET https://www.example.com:443/path?q=1 HTTP/2.0\""), 50,
                 "\"- https://www.example.com:443- -\"");
  const Read got = read(line + "\n" + post + "\n" + broken + "\n");
  ASSERT_EQ(got.exchanges.size(), 1U);
  EXPECT_EQ(wire_text(got.exchanges[0]->request->message),
            "GET /path?q=1 HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: curl/7.46.0\r\n\r\n");
  EXPECT_EQ(nanoseconds(got.exchanges[0]->request->first_byte), base + 250'000'000);
  EXPECT_EQ(got.exchanges[0]->response->first_byte - got.exchanges[0]->request->first_byte,
            std::chrono::milliseconds(1250));
  EXPECT_EQ(got.report.damages, 0U);
  EXPECT_EQ(got.report.left_out.size(), 2U);
}

TEST(AccessLog, IisWithItsFields) {
  const Read got = read(
      "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2026-01-02 03:04:05\r\n"
      "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) "
      "sc-status sc-substatus sc-win32-status time-taken\r\n"
      "2026-01-02 03:04:05 10.0.0.1 GET /a b=1&c=2 443 - 192.0.2.9 Mozilla/5.0+(X11) - 200 0 0 15\r\n"
      "2026-01-02 03:04:06 10.0.0.1 POST /p - 443 - 192.0.2.9 Mozilla/5.0+(X11) - 200 0 0 15\r\n"
      "#Fields: time cs-method cs-uri-stem c-ip sc-status sc-bytes cs-host\r\n"
      "03:04:07 GET /b 192.0.2.9 404 1234 www.example.com\r\n"
      "03:04:08 GET /cut 192.0.2.9\r\n");
  ASSERT_EQ(targets_of(got.exchanges), (std::vector<std::string>{"/a?b=1&c=2", "/b"}));
  EXPECT_EQ(wire_text(got.exchanges[0]->request->message),
            "GET /a?b=1&c=2 HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (X11)\r\n\r\n");
  EXPECT_EQ(got.exchanges[0]->response->first_byte - got.exchanges[0]->request->first_byte,
            std::chrono::milliseconds(15));
  EXPECT_EQ(got.exchanges[1]->request->message.field("Host"), "www.example.com");
  EXPECT_EQ(nanoseconds(got.exchanges[1]->request->first_byte), base + 2'000'000'000);
  EXPECT_EQ(got.report.damages, 1U);
  ASSERT_EQ(got.report.left_out.size(), 1U);
}

std::string line_at(int second, const std::string& target, const std::string& client = "192.0.2.1") {
  return client + " - - [02/Jan/2026:03:04:0" + std::to_string(second) + " +0000] \"GET " + target +
         " HTTP/1.1\" 200 5\n";
}

TEST(AccessLog, TheRequestsOfOneSecondAreSpreadOverIt) {
  const Read got = read(line_at(5, "/1") + line_at(5, "/2") + line_at(6, "/5") + line_at(5, "/3") + line_at(5, "/4"));
  ASSERT_EQ(targets_of(got.exchanges), (std::vector<std::string>{"/1", "/2", "/3", "/4", "/5"}));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(nanoseconds(got.exchanges[i]->request->first_byte), base + static_cast<std::int64_t>(i) * 250'000'000);
  }
  EXPECT_EQ(nanoseconds(got.exchanges[4]->request->first_byte), base + 1'000'000'000);
}

TEST(AccessLog, SessionsAreClients) {
  const Read got = read(line_at(5, "/1", "192.0.2.1") + line_at(5, "/2", "192.0.2.2") + line_at(6, "/3", "192.0.2.1"));
  ASSERT_EQ(got.exchanges.size(), 3U);
  EXPECT_EQ(got.exchanges[0]->request->session, got.exchanges[2]->request->session);
  EXPECT_NE(got.exchanges[0]->request->session, got.exchanges[1]->request->session);
  EXPECT_EQ(got.exchanges[2]->request->index_in_session, 1U);
}

TEST(AccessLog, WhatIsNoRequestIsLeftOutAndWhatIsNoLineIsDamage) {
  const Read got = read(
      line_at(5, "/1") + "192.0.2.1 - - [02/Jan/2026:03:04:05 +0000] \"\\x16\\x03\\x01\" 400 150 \"-\" \"-\"\n" +
      "192.0.2.1 - - [02/Jan/2026:03:04:05 +0000] \"-\" 408 0 \"-\" \"-\"\n" +
      "192.0.2.1 - - [02/Jan/2026:03:04:05 +0000] \"PUT /x HTTP/1.1\" 200 0\n" +  //
      "half a line\n\n" + line_at(6, "/a b") + "192.0.2.1 - - [99/Jan/2026:03:04:05 +0000] \"GET / HTTP/1.1\" 200 1\n");
  EXPECT_EQ(targets_of(got.exchanges), (std::vector<std::string>{"/1", "/a%20b"}));
  EXPECT_EQ(got.report.damages, 2U);
  ASSERT_EQ(got.report.left_out.size(), 2U);
  EXPECT_EQ(got.report.left_out[0].count, 2U);
  EXPECT_EQ(got.report.left_out[1].count, 1U);
}

TEST(AccessLog, HeaderInjectionByEscapesIsRefused) {
  const Read got =
      read(line_at(5, "/1") +
           R"(192.0.2.1 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 1 "-" "a\x0d\x0aX: 1")" + "\n");
  EXPECT_EQ(got.exchanges.size(), 1U);
  EXPECT_EQ(got.report.damages, 1U);
}

TEST(AccessLog, PackedLogs) {
  EXPECT_EQ(read(test::gzip(line_at(5, "/1")) + test::gzip(line_at(6, "/2"))).exchanges.size(), 2U);
}

TEST(AccessLog, IsRecognised) {
  EXPECT_EQ(find_access_log_kind(nginx_line), AccessLogKind::combined);
  EXPECT_EQ(find_access_log_kind("#Software: x\r\n#Fields: date time\r\n"), AccessLogKind::w3c);
  EXPECT_FALSE(find_access_log_kind("hello\nworld\n").has_value());
  EXPECT_FALSE(find_access_log_kind("").has_value());
  EXPECT_FALSE(find_access_log_kind("{\"log\":{}}").has_value());
  EXPECT_EQ(nanoseconds(*first_access_log_time("half\n" + nginx_line + "\n" + nginx_line + "\n")), base);
}

}  // namespace
}  // namespace understudy
