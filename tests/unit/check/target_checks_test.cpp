#include "agent/check/target_checks.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace understudy {
namespace {

constexpr WallTime now{std::chrono::seconds(1'800'000'000)};  // 2027-01-15

CheckRequest::Route route_to(const std::string& url, const std::string& proxy = "") {
  CheckRequest::Route route;
  route.target = parse_target(url).value();
  if (!proxy.empty()) route.proxy = parse_proxy(proxy).value();
  return route;
}

ProbeReport answered(int status) {
  ProbeReport report;
  report.addresses = {*IpAddress::parse("192.0.2.1")};
  report.connected_to = report.addresses[0];
  report.tls_version = "TLSv1.3";
  report.certificates = {
      {"CN=shadow.test", "CN=authority", now - std::chrono::hours(24), now + std::chrono::hours(24 * 90)}};
  report.status = status;
  return report;
}

std::string statuses(const std::vector<CheckItem>& items) {
  std::string text;
  for (const CheckItem& item : items) text += item.name + "=" + std::string(to_string(item.status)) + " ";
  return text;
}

TEST(ProbeVerdict, EachStepOfAWayThatWorksIsTold) {
  const auto items =
      judge_probe(answered(200), route_to("https://shadow.test/base", "http://proxy.test:3128"), true, {}, now);
  EXPECT_EQ(statuses(items), "name=ok connection=ok proxy=ok tls=ok shadow=ok ");
  EXPECT_EQ(items[0].found, "proxy.test is 192.0.2.1");
  EXPECT_EQ(items[2].found, "http://proxy.test:3128 opened a tunnel to shadow.test:443");
  EXPECT_EQ(items[3].details[0],
            "certificate of CN=shadow.test, issued by CN=authority, valid from 2027-01-14 to 2027-04-15");
  EXPECT_TRUE(items[4].found.starts_with("HEAD /base answered 200")) << items[4].found;
}

TEST(ProbeVerdict, WhatComesBehindAFailureIsSkipped) {
  ProbeReport report;
  report.failed_at = ProbeStep::tunnel;
  report.failure = "the proxy said 407";
  report.addresses = {*IpAddress::parse("192.0.2.1")};
  report.connected_to = report.addresses[0];
  const auto items = judge_probe(report, route_to("https://shadow.test", "http://proxy.test"), true, {}, now);
  EXPECT_EQ(statuses(items), "name=ok connection=ok proxy=failed tls=skipped shadow=skipped ");
  EXPECT_EQ(items[2].found, "the proxy said 407");
}

TEST(ProbeVerdict, FilesThatCannotBeLoadedStopBeforeAnythingIsTried) {
  ProbeReport report;
  report.failed_at = ProbeStep::tls;
  report.failure = "no such file";
  EXPECT_EQ(statuses(judge_probe(report, route_to("https://shadow.test"), true, {}, now)),
            "name=skipped connection=skipped tls=failed shadow=skipped ");
}

TEST(ProbeVerdict, CertificatesThatExpireSoonOrAreNotVerifiedAreWarnings) {
  ProbeReport report = answered(200);
  EXPECT_EQ(judge_probe(report, route_to("https://shadow.test"), false, {}, now)[2].status, CheckStatus::warning);
  report.certificates[0].not_after = now + std::chrono::hours(24 * 13);
  const CheckItem item = judge_probe(report, route_to("https://shadow.test"), true, {}, now)[2];
  EXPECT_EQ(item.status, CheckStatus::warning);
  EXPECT_NE(item.advice.find("2027-01-28"), std::string::npos);
}

TEST(ProbeVerdict, AnErrorOfTheShadowIsAWarningAndAnythingElseIsAnAnswer) {
  EXPECT_EQ(judge_probe(answered(404), route_to("http://shadow.test"), true, {}, now).back().status, CheckStatus::ok);
  EXPECT_EQ(judge_probe(answered(502), route_to("http://shadow.test"), true, {}, now).back().status,
            CheckStatus::warning);
}

// An HTTPS server that is not ours, on a free port that it prints.
constexpr const char* https_server =
    "import http.server, ssl, sys\n"
    "class Handler(http.server.BaseHTTPRequestHandler):\n"
    "    def do_HEAD(self):\n"
    "        self.send_response(204 if self.headers['Understudy-Mirrored'] else 400)\n"
    "        self.end_headers()\n"
    "    def log_message(self, *_): pass\n"
    "server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)\n"
    "context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
    "context.load_cert_chain(sys.argv[1], sys.argv[2])\n"
    "server.socket = context.wrap_socket(server.socket, server_side=True)\n"
    "print(server.server_address[1], flush=True)\n"
    "server.serve_forever()\n";

// The server, with a certificate that it signed itself.
class TlsServer : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() / ("understudy_check_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(directory_);
    const std::string make =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj "
        "/CN=shadow.test/O=Understudy "
        "-addext subjectAltName=DNS:shadow.test,IP:127.0.0.1 -keyout " +
        key() + " -out " + certificate() + " 2>/dev/null";
    ASSERT_EQ(std::system(make.c_str()), 0);
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    server_ = ::fork();
    ASSERT_GE(server_, 0);
    if (server_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
      ::dup2(nowhere, STDERR_FILENO);
      ::execlp("python3", "python3", "-c", https_server, certificate().c_str(), key().c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ::fdopen(ends[0], "r");
    std::array<char, 256> line{};
    if (std::fgets(line.data(), line.size(), output_) != nullptr) port_ = std::atoi(line.data());
    ASSERT_NE(port_, 0);
  }
  void TearDown() override {
    if (server_ > 0) {
      ::kill(server_, SIGKILL);
      ::waitpid(server_, nullptr, 0);
    }
    if (output_ != nullptr) std::fclose(output_);
    std::filesystem::remove_all(directory_);
  }
  [[nodiscard]] std::string certificate() const { return directory_ / "certificate.pem"; }
  [[nodiscard]] std::string key() const { return directory_ / "key.pem"; }
  [[nodiscard]] std::vector<CheckItem> check(const TlsOptions& tls) const {
    CheckRequest request;
    request.tls = tls;
    return check_target(request, route_to("https://127.0.0.1:" + std::to_string(port_)));
  }

  std::filesystem::path directory_;
  pid_t server_ = -1;
  std::FILE* output_ = nullptr;
  int port_ = 0;
};

TEST_F(TlsServer, ATrustedCertificateIsShown) {
  TlsOptions tls;
  tls.ca_file = certificate();
  const auto items = check(tls);
  EXPECT_EQ(statuses(items), "name=ok connection=ok tls=ok shadow=ok ") << items[2].found << items[3].found;
  EXPECT_TRUE(items[2].found.starts_with("TLSv1.3, the certificate is valid for 127.0.0.1")) << items[2].found;
  ASSERT_EQ(items[2].details.size(), 1U);
  EXPECT_TRUE(items[3].found.starts_with("HEAD / answered 204")) << items[3].found;
  EXPECT_TRUE(items[2].details[0].starts_with("certificate of O=Understudy,CN=shadow.test, issued by O=Understudy"))
      << items[2].details[0];
}

TEST_F(TlsServer, OneThatIsNotTrustedFailsAndIsShownAllTheSame) {
  const auto items = check({});
  EXPECT_EQ(statuses(items), "name=ok connection=ok tls=failed shadow=skipped ");
  EXPECT_NE(items[2].found.find("self-signed"), std::string::npos) << items[2].found;
  ASSERT_EQ(items[2].details.size(), 1U);
  EXPECT_NE(items[2].details[0].find("CN=shadow.test"), std::string::npos);
}

TEST_F(TlsServer, InsecureWorksWithAWarning) {
  TlsOptions tls;
  tls.insecure = true;
  EXPECT_EQ(statuses(check(tls)), "name=ok connection=ok tls=warning shadow=ok ");
}

TEST(TargetCheck, NobodyListensAndNobodyKnowsTheName) {
  const CheckRequest request;
  const auto refused = check_target(request, route_to("http://127.0.0.1:1"));
  EXPECT_EQ(statuses(refused), "name=ok connection=failed shadow=skipped ");
  EXPECT_NE(refused[1].found.find("refused"), std::string::npos) << refused[1].found;
  const auto unknown = check_target(request, route_to("http://no-such-host.invalid"));
  EXPECT_EQ(statuses(unknown), "name=failed connection=skipped shadow=skipped ");
  EXPECT_NE(unknown[0].found.find("no-such-host.invalid"), std::string::npos);
}

TEST(TargetCheck, AMissingFileIsTold) {
  CheckRequest request;
  request.tls.ca_file = "/no/such/ca.pem";
  const auto items = check_target(request, route_to("https://127.0.0.1:1"));
  EXPECT_EQ(items[2].status, CheckStatus::failed);
  EXPECT_NE(items[2].found.find("/no/such/ca.pem"), std::string::npos);
}

}  // namespace
}  // namespace understudy
