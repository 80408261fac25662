// Through a real squid, and to a real nginx with TLS: verification on, and each way to be refused.
#include "tests/support/servers/certificates.hpp"
#include "tests/support/servers/nginx_fixture.hpp"
#include "tests/support/servers/squid_fixture.hpp"
#include "tests/unit/net/sender_fixture.hpp"

namespace understudy {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SenderTlsTest : public SenderTest {
 protected:
  [[nodiscard]] static SenderOptions tls_options(std::uint16_t port, const TlsOptions& tls,
                                                 const char* host = "localhost") {
    SenderOptions options = options_for(port, "https", host);
    options.connect_attempts = 1;
    auto context = TlsContext::create(tls, options.target.host);
    if (context) {
      options.tls = *context;
    } else {
      ADD_FAILURE() << context.error().message;
    }
    return options;
  }
  [[nodiscard]] TlsOptions trusting_ca() const {
    TlsOptions tls;
    tls.ca_file = authority.ca_file();
    return tls;
  }
  // Sends one request; the outcome, with the last error behind it.
  [[nodiscard]] std::string outcome_with(SenderOptions options) {
    begin(std::move(options));
    send({"r"});
    const std::string result = outcome_of("r");
    return result + " " + status().last_error;
  }

  CertificateAuthority authority;
  CertificateFiles server = authority.issue("server", "DNS:localhost,IP:127.0.0.1");
};

TEST_F(SenderTlsTest, DeliversToATargetThatVerifies) {
  const NginxFixture nginx({.certificate_file = server.certificate, .key_file = server.key});
  EXPECT_EQ(outcome_with(tls_options(nginx.port(), trusting_ca())), "200 ");
  EXPECT_TRUE(eventually([&] { return nginx.requests().size() == 1; }));
  EXPECT_THAT(nginx.requests().front(), AllOf(HasSubstr("tls=TLSv1.3"), HasSubstr("sni=localhost")));
}

TEST_F(SenderTlsTest, VerifiesAnAddressAgainstTheCertificatesAddressesAndSendsNoName) {
  const NginxFixture nginx({.certificate_file = server.certificate, .key_file = server.key});
  EXPECT_EQ(outcome_with(tls_options(nginx.port(), trusting_ca(), "127.0.0.1")), "200 ");
  EXPECT_TRUE(eventually([&] { return nginx.requests().size() == 1; }));
  EXPECT_THAT(nginx.requests().front(), HasSubstr("sni=-"));
}

TEST_F(SenderTlsTest, SpeaksTls12WhereTheTargetKnowsNoOther) {
  const NginxFixture nginx({.certificate_file = server.certificate, .key_file = server.key, .protocols = "TLSv1.2"});
  EXPECT_EQ(outcome_with(tls_options(nginx.port(), trusting_ca())), "200 ");
}

TEST_F(SenderTlsTest, RefusesACertificateOfAnUnknownAuthority) {
  const CertificateAuthority other("Another CA");
  TlsOptions tls;
  tls.ca_file = other.ca_file();
  const NginxFixture nginx({.certificate_file = server.certificate, .key_file = server.key});
  EXPECT_THAT(outcome_with(tls_options(nginx.port(), tls)),
              AllOf(HasSubstr("tls_failed"), HasSubstr("issuer is not trusted"), HasSubstr("--ca-file")));
  EXPECT_TRUE(nginx.requests().empty());
}

TEST_F(SenderTlsTest, RefusesByTheSystemsStoreToo) {
  const NginxFixture nginx({.certificate_file = server.certificate, .key_file = server.key});
  EXPECT_THAT(outcome_with(tls_options(nginx.port(), TlsOptions{})),
              AllOf(HasSubstr("tls_failed"), HasSubstr("not trusted")));
}

TEST_F(SenderTlsTest, RefusesACertificateForAnotherHost) {
  const CertificateFiles other = authority.issue("other", "DNS:other.example,IP:192.0.2.1");
  const NginxFixture nginx({.certificate_file = other.certificate, .key_file = other.key});
  EXPECT_THAT(outcome_with(tls_options(nginx.port(), trusting_ca())),
              AllOf(HasSubstr("tls_failed"), HasSubstr("not for 'localhost'")));
}

TEST_F(SenderTlsTest, RefusesACertificateForAnotherAddress) {
  const CertificateFiles other = authority.issue("other", "DNS:localhost,IP:192.0.2.1");
  const NginxFixture nginx({.certificate_file = other.certificate, .key_file = other.key});
  EXPECT_THAT(outcome_with(tls_options(nginx.port(), trusting_ca(), "127.0.0.1")),
              AllOf(HasSubstr("tls_failed"), HasSubstr("not for '127.0.0.1'")));
}

TEST_F(SenderTlsTest, RefusesAnExpiredCertificate) {
  const CertificateFiles expired = authority.issue("expired", "DNS:localhost", -60);
  const NginxFixture nginx({.certificate_file = expired.certificate, .key_file = expired.key});
  EXPECT_THAT(outcome_with(tls_options(nginx.port(), trusting_ca())),
              AllOf(HasSubstr("tls_failed"), HasSubstr("expired")));
}

TEST_F(SenderTlsTest, RefusesASelfSignedCertificate) {
  const CertificateFiles alone = authority.self_signed("alone", "DNS:localhost");
  const NginxFixture nginx({.certificate_file = alone.certificate, .key_file = alone.key});
  EXPECT_THAT(outcome_with(tls_options(nginx.port(), trusting_ca())),
              AllOf(HasSubstr("tls_failed"), HasSubstr("self-signed")));
}

TEST_F(SenderTlsTest, TrustsASelfSignedCertificateThatIsGivenAsCa) {
  const CertificateFiles alone = authority.self_signed("alone", "DNS:localhost");
  const NginxFixture nginx({.certificate_file = alone.certificate, .key_file = alone.key});
  TlsOptions tls;
  tls.ca_file = alone.certificate;
  EXPECT_EQ(outcome_with(tls_options(nginx.port(), tls)), "200 ");
}

TEST_F(SenderTlsTest, TakesAnythingWhenToldToBeInsecure) {
  const CertificateFiles expired = authority.issue("expired", "DNS:other.example", -60);
  const NginxFixture nginx({.certificate_file = expired.certificate, .key_file = expired.key});
  TlsOptions tls;
  tls.insecure = true;
  EXPECT_EQ(outcome_with(tls_options(nginx.port(), tls)), "200 ");
}

TEST_F(SenderTlsTest, ShowsItsClientCertificate) {
  const CertificateFiles client = authority.issue("client", "DNS:agent.example");
  const NginxFixture nginx(
      {.certificate_file = server.certificate, .key_file = server.key, .client_ca_file = authority.ca_file()});
  TlsOptions tls = trusting_ca();
  tls.certificate_file = client.certificate;
  tls.key_file = client.key;
  EXPECT_EQ(outcome_with(tls_options(nginx.port(), tls)), "200 ");
}

TEST_F(SenderTlsTest, TakesTheAnswerOfATargetThatMissesAClientCertificate) {
  // nginx asks for the certificate in the handshake and answers 400 to a request without one: that is a response.
  const NginxFixture nginx(
      {.certificate_file = server.certificate, .key_file = server.key, .client_ca_file = authority.ca_file()});
  EXPECT_THAT(outcome_with(tls_options(nginx.port(), trusting_ca())), HasSubstr("400"));
}

TEST_F(SenderTlsTest, SaysThatATargetDoesNotSpeakTls) {
  const NginxFixture nginx;
  EXPECT_THAT(outcome_with(tls_options(nginx.port(), trusting_ca())),
              AllOf(HasSubstr("tls_failed"), HasSubstr("does not speak TLS"), HasSubstr("http://")));
}

TEST_F(SenderTlsTest, ResumesItsSession) {
  const NginxFixture nginx({.certificate_file = server.certificate, .key_file = server.key});
  begin(tls_options(nginx.port(), trusting_ca()));
  send({"first"});
  EXPECT_EQ(outcome_of("first"), "200");
  clock.advance(std::chrono::seconds(5));
  ASSERT_TRUE(eventually([this] { return status().connections_open == 0; }));
  send({"second"});
  EXPECT_EQ(outcome_of("second"), "200");
  EXPECT_EQ(status().tls_resumptions, 1U);
  EXPECT_TRUE(eventually([&] { return nginx.requests().size() == 2; }));
  EXPECT_THAT(nginx.requests().back(), HasSubstr("tls=TLSv1.3/r")) << nginx.requests().back();
}

TEST_F(SenderTlsTest, CarriesLargeBodiesBothWays) {
  const NginxFixture nginx({.certificate_file = server.certificate,
                            .key_file = server.key,
                            .server_directives =
                                "location /upload { client_body_buffer_size 16m; proxy_request_buffering on; "
                                "proxy_pass https://127.0.0.1:$server_port/sink; }"});
  begin(tls_options(nginx.port(), trusting_ca()));
  send_post("upload", std::string(6U << 20, 'x'));
  EXPECT_EQ(outcome_of("upload"), "200");
  EXPECT_TRUE(eventually([&] { return nginx.requests().size() == 2; }));
  EXPECT_GT(status().bytes_sent, 6U << 20);
}

TEST(TlsContext, NamesTheFileThatCannotBeUsed) {
  const TemporaryFolder folder;
  const CertificateAuthority authority;
  const CertificateFiles one = authority.issue("one", "DNS:one");
  const CertificateFiles two = authority.issue("two", "DNS:two");
  const auto message = [](const TlsOptions& options) {
    const auto context = TlsContext::create(options, "shadow");
    if (context) return std::string("accepted");
    EXPECT_EQ(context.error().code, ExitCode::tls);
    return context.error().message;
  };
  TlsOptions tls;
  tls.ca_file = folder.path("missing.pem");
  EXPECT_THAT(message(tls), AllOf(HasSubstr("CA file"), HasSubstr("missing.pem")));
  tls = {};
  tls.ca_file = folder.write("garbage.pem", "garbage");
  EXPECT_THAT(message(tls), HasSubstr("garbage.pem"));
  tls = {};
  tls.certificate_file = folder.path("missing.pem");
  EXPECT_THAT(message(tls), HasSubstr("client certificate"));
  tls = {};
  tls.certificate_file = one.certificate;
  tls.key_file = two.key;
  EXPECT_THAT(message(tls), AllOf(HasSubstr("client key"), HasSubstr("two.key")));
  tls = {};
  tls.key_file = one.key;
  EXPECT_THAT(message(tls), HasSubstr("without a certificate"));
}

class SenderProxyTest : public SenderTlsTest {
 protected:
  [[nodiscard]] static SenderOptions through(SenderOptions options, const std::string& proxy) {
    options.connect_attempts = 1;
    options.proxy = *parse_proxy(proxy);
    return options;
  }
};

TEST_F(SenderProxyTest, TunnelsToAnHttpTarget) {
  const NginxFixture nginx;
  const SquidFixture squid;
  EXPECT_EQ(outcome_with(through(options_for(nginx.port()), fmt::format("http://127.0.0.1:{}", squid.port()))), "200 ");
  end();
  EXPECT_TRUE(eventually(
      [&] { return squid.log().find(fmt::format("CONNECT 127.0.0.1:{}", nginx.port())) != std::string::npos; }));
}

TEST_F(SenderProxyTest, TunnelsTlsWithVerificationOn) {
  const NginxFixture nginx({.certificate_file = server.certificate, .key_file = server.key});
  const SquidFixture squid;
  const std::string proxy = fmt::format("http://127.0.0.1:{}", squid.port());
  EXPECT_EQ(outcome_with(through(tls_options(nginx.port(), trusting_ca(), "127.0.0.1"), proxy)), "200 ");
  end();
  EXPECT_TRUE(eventually([&] { return squid.log().find("CONNECT") != std::string::npos; }));
}

TEST_F(SenderProxyTest, RefusesAWrongCertificateBehindTheProxy) {
  const CertificateAuthority other;
  TlsOptions tls;
  tls.ca_file = other.ca_file();
  const NginxFixture nginx({.certificate_file = server.certificate, .key_file = server.key});
  const SquidFixture squid;
  const std::string proxy = fmt::format("http://127.0.0.1:{}", squid.port());
  EXPECT_THAT(outcome_with(through(tls_options(nginx.port(), tls, "127.0.0.1"), proxy)),
              AllOf(HasSubstr("tls_failed"), HasSubstr("not trusted")));
}

TEST_F(SenderProxyTest, AuthenticatesWithUserAndPassword) {
  const NginxFixture nginx;
  const SquidFixture squid({.user = "agent", .password = "s3cret"});
  EXPECT_EQ(
      outcome_with(through(options_for(nginx.port()), fmt::format("http://agent:s3cret@127.0.0.1:{}", squid.port()))),
      "200 ");
}

TEST_F(SenderProxyTest, ReportsThatThePasswordIsWrong) {
  const NginxFixture nginx;
  const SquidFixture squid({.user = "agent", .password = "s3cret"});
  const std::string result =
      outcome_with(through(options_for(nginx.port()), fmt::format("http://agent:wr0ng@127.0.0.1:{}", squid.port())));
  EXPECT_THAT(result, AllOf(HasSubstr("proxy_refused"), HasSubstr("407 Proxy Authentication Required"),
                            HasSubstr("does not accept"), Not(HasSubstr("wr0ng"))));
}

TEST_F(SenderProxyTest, ReportsThatAPasswordIsNeeded) {
  const NginxFixture nginx;
  const SquidFixture squid({.user = "agent", .password = "s3cret"});
  EXPECT_THAT(outcome_with(through(options_for(nginx.port()), fmt::format("http://127.0.0.1:{}", squid.port()))),
              AllOf(HasSubstr("proxy_refused"), HasSubstr("407"), HasSubstr("give a user")));
}

TEST_F(SenderProxyTest, ReportsAForbiddenPort) {
  const NginxFixture nginx;
  const SquidFixture squid({.forbidden_port = nginx.port()});
  EXPECT_THAT(
      outcome_with(through(options_for(nginx.port()), fmt::format("http://127.0.0.1:{}", squid.port()))),
      AllOf(HasSubstr("proxy_refused"), HasSubstr("403 Forbidden"), HasSubstr(fmt::format("port {}", nginx.port()))));
  EXPECT_TRUE(nginx.requests().empty());
}

TEST_F(SenderProxyTest, ReportsThatTheProxyCannotReachTheTarget) {
  const SquidFixture squid;
  EXPECT_THAT(outcome_with(through(options_for(unused_port()), fmt::format("http://127.0.0.1:{}", squid.port()))),
              AllOf(HasSubstr("proxy_refused"), HasSubstr("503"), HasSubstr("cannot reach")));
}

TEST_F(SenderProxyTest, ReportsADeadProxyByItsName) {
  const std::uint16_t port = unused_port();
  EXPECT_THAT(outcome_with(through(options_for(80), fmt::format("http://user:secret@127.0.0.1:{}", port))),
              AllOf(HasSubstr("connect_failed"), HasSubstr(fmt::format("proxy http://127.0.0.1:{}", port)),
                    HasSubstr("Connection refused"), Not(HasSubstr("secret"))));
}

}  // namespace
}  // namespace understudy
