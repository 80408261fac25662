#include "replay/environment/http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/servers/certificates.hpp"
#include "tests/support/servers/nginx_fixture.hpp"
#include "tests/support/servers/process.hpp"
#include "tests/support/servers/squid_fixture.hpp"
#include "tests/unit/environment/service.hpp"

namespace understudy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::answer;
using test::Service;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(HttpClientTest, SendsWhatWasAsked) {
  Service service({answer(201, "made", "Location: /x\r\nRetry-After: 2\r\n")});
  HttpClientOptions options = service.options();
  options.target.base_path = "/api";
  options.target.credentials = Credentials{"me", "secret"};
  options.headers = {{"X-Key", "k"}, {"X-Key", "l"}};
  const HttpClient client(options);
  const auto reply = client.send({"POST", "/clone?wait=1", R"({"a":1})"});
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 201);
  EXPECT_EQ(reply->body, "made");
  EXPECT_EQ(reply->location, "/x");
  EXPECT_EQ(reply->retry_after, Nanoseconds(seconds(2)));
  const std::string request = service.requests().at(0);
  EXPECT_THAT(request, StartsWith("POST /api/clone?wait=1 HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("X-Key: k\r\n"));
  EXPECT_THAT(request, HasSubstr("X-Key: l\r\n"));
  EXPECT_THAT(request, HasSubstr("Authorization: Basic bWU6c2VjcmV0\r\n"));
  EXPECT_THAT(request, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\n\r\n{\"a\":1}"));
  EXPECT_THAT(client.display({"POST", "/clone", {}}), Not(HasSubstr("secret")));
}

TEST(HttpClientTest, SaysWhyThereIsNoAnswer) {
  HttpClientOptions options;
  options.target = *parse_target(fmt::format("http://127.0.0.1:{}", unused_port()));
  const auto refused = HttpClient(options).send({.path = "/health"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ExitCode::environment_unfit);
  EXPECT_THAT(refused.error().message, HasSubstr("/health: cannot connect; is the address right"));

  Service resetting({""});
  EXPECT_THAT(HttpClient(resetting.options()).send({.path = "/health"}).error().message,
              HasSubstr("before a whole answer"));
  Service cut({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"});
  EXPECT_THAT(HttpClient(cut.options()).send({.path = "/health"}).error().message, HasSubstr("before a whole answer"));
}

TEST(HttpClientTest, AServerThatIsSilentOrDripsIsLeft) {
  ScriptedServer silent([](Conversation& conversation) { conversation.wait_for_close(); });
  HttpClientOptions options;
  options.response_timeout = milliseconds(50);
  options.target = *parse_target(fmt::format("http://127.0.0.1:{}", silent.port()));
  EXPECT_THAT(HttpClient(options).send({.path = "/"}).error().message, HasSubstr("silent for too long"));

  ScriptedServer dripping([](Conversation& conversation) {
    (void)conversation.read_request();
    conversation.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    // Ends when the client has left, at the latest after 2 s.
    for (int i = 0; i < 100; ++i) {
      conversation.write("x");
      std::this_thread::sleep_for(milliseconds(20));
    }
  });
  options.connect_timeout = milliseconds(100);
  options.target.port = dripping.port();
  EXPECT_THAT(HttpClient(options).send({.path = "/"}).error().message, HasSubstr("no whole answer within 50 ms"));
}

TEST(HttpClientTest, RedirectsAreAnswers) {
  Service service({answer(302, "", "Location: http://127.0.0.1:1/\r\n")});
  EXPECT_EQ(HttpClient(service.options()).send({.path = "/"})->status, 302);
}

HttpClientOptions https(const std::string& host, std::uint16_t port) {
  HttpClientOptions options;
  options.target = *parse_target(fmt::format("https://{}:{}", host, port));
  return options;
}

TEST(HttpClientTest, VerifiesCertificates) {
  const CertificateAuthority authority;
  const CertificateFiles files = authority.issue("server", "IP:127.0.0.1");
  const NginxFixture nginx({.certificate_file = files.certificate, .key_file = files.key});
  HttpClientOptions options = https("127.0.0.1", nginx.port());
  const auto stranger = HttpClient(options).send({.path = "/health"});
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error().code, ExitCode::tls);
  EXPECT_THAT(stranger.error().message, HasSubstr("does not verify: unable to get local issuer certificate"));
  options.tls.ca_file = authority.ca_file();
  const auto known = HttpClient(options).send({.path = "/health"});
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_EQ(known->status, 200);
  options.target.host = "localhost";
  EXPECT_THAT(HttpClient(options).send({.path = "/"}).error().message, HasSubstr("it is not for localhost"));
  options.tls = {.ca_file = {}, .certificate_file = {}, .key_file = {}, .insecure = true};
  EXPECT_TRUE(HttpClient(options).send({.path = "/"}));
  options.tls = {.ca_file = "/nowhere.pem", .certificate_file = {}, .key_file = {}, .insecure = false};
  EXPECT_THAT(HttpClient(options).send({.path = "/"}).error().message, HasSubstr("/nowhere.pem"));
}

TEST(HttpClientTest, ShowsItsCertificate) {
  const CertificateAuthority authority;
  const CertificateFiles files = authority.issue("server", "IP:127.0.0.1");
  const CertificateFiles own = authority.issue("client", "DNS:client.test");
  const NginxFixture nginx(
      {.certificate_file = files.certificate, .key_file = files.key, .client_ca_file = authority.ca_file()});
  HttpClientOptions options = https("127.0.0.1", nginx.port());
  options.tls.ca_file = authority.ca_file();
  EXPECT_EQ(HttpClient(options).send({.path = "/"})->status, 400);
  options.tls.certificate_file = own.certificate;
  options.tls.key_file = own.key;
  EXPECT_EQ(HttpClient(options).send({.path = "/"})->status, 200);
}

TEST(HttpClientTest, GoesThroughAProxy) {
  const CertificateAuthority authority;
  const CertificateFiles files = authority.issue("server", "IP:127.0.0.1");
  const NginxFixture nginx({.certificate_file = files.certificate, .key_file = files.key});
  Service plain({answer(200, "plain")});
  const SquidFixture squid({.user = "me", .password = "secret"});
  HttpClientOptions options = https("127.0.0.1", nginx.port());
  options.tls.ca_file = authority.ca_file();
  options.proxy = *parse_proxy(fmt::format("http://127.0.0.1:{}", squid.port()));
  const auto stranger = HttpClient(options).send({.path = "/"});
  ASSERT_FALSE(stranger);
  EXPECT_THAT(stranger.error().message, HasSubstr("the proxy wants a user and a password"));
  options.proxy->credentials = Credentials{"me", "secret"};
  const auto known = HttpClient(options).send({.path = "/"});
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_EQ(known->status, 200);
  options.target = plain.options().target;
  const auto over_http = HttpClient(options).send({.path = "/"});
  ASSERT_TRUE(over_http) << over_http.error().message;
  EXPECT_EQ(over_http->body, "plain");
  EXPECT_TRUE(eventually([&] { return squid.log().find("CONNECT 127.0.0.1") != std::string::npos; })) << squid.log();
}

}  // namespace
}  // namespace understudy
