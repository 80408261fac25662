#include "traffic/observe/status_server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "traffic/observe/metrics.hpp"

namespace understudy {
namespace {

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
};

// The real curl.
Answer curl(const std::string& arguments) {
  FILE* const pipe = ::popen(("curl --silent --include --max-time 5 " + arguments).c_str(), "r");
  std::string all;
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    all.append(buffer.data(), got);
  ::pclose(pipe);
  const std::size_t end = all.find("\r\n\r\n");
  if (end == std::string::npos) return {};
  return {std::stoi(all.substr(all.find(' ') + 1)), all.substr(0, end), all.substr(end + 4)};
}

int connect_to(std::uint16_t port) {
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return client;
}

class StatusServerTest : public testing::Test {
 protected:
  void SetUp() override {
    StatusHandlers handlers;
    handlers.health = [this] {
      const std::lock_guard lock(mutex_);
      return health_;
    };
    handlers.tests = [this] { return tests_; };
    handlers.metrics = [] { return std::string("# HELP x h\n# TYPE x gauge\nx 1\n"); };
    handlers.status = [this]() -> std::string {
      if (status_fails_) throw std::runtime_error("no status");
      return R"({"state":"running"})";
    };
    health_.build_version = "1.0.16209.8792";
    health_.build_timestamp = "2016-07-27T04:53:04+00:00";
    tests_ = {{"Capture", "Packets arrive.", "port 8080", true, ""},
              {"Shadow", "It answers.", "http://s", false, "503"}};
    Result<std::unique_ptr<StatusServer>> started = StatusServer::start("127.0.0.1:0", std::move(handlers));
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
  }
  [[nodiscard]] Answer get(const std::string& path) const { return curl(server_->url() + path); }

  void set_health(bool healthy, const std::string& reason, bool maintenance_mode) {
    const std::lock_guard lock(mutex_);
    health_.healthy = healthy;
    health_.reason = reason;
    health_.maintenance_mode = maintenance_mode;
  }

  std::mutex mutex_;  // guards health_; the rest is set before the server starts
  HealthReport health_;
  std::vector<TestResult> tests_;
  std::atomic<bool> status_fails_{false};
  std::unique_ptr<StatusServer> server_;
};

TEST_F(StatusServerTest, HealthHasTheShapeThatServicesServe) {
  const Answer answer = get("/health");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"BuildVersion":"1.0.16209.8792","BuildTimestamp":"2016-07-27T04:53:04+00:00",)"
                         R"("DatabaseConnectivity":true,"MaintenanceMode":false})");
  EXPECT_NE(answer.head.find("Content-Type: application/json"), std::string::npos);
  EXPECT_NE(answer.head.find("Connection: close"), std::string::npos);
}

TEST_F(StatusServerTest, HealthIs503WithTheReasonWhenUnfit) {
  set_health(false, "the capture ended", false);
  const Answer answer = get("/health");
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find(R"("Reason":"the capture ended")"), std::string::npos);
  EXPECT_EQ(get("/test").status, 503);
}

TEST_F(StatusServerTest, MaintenanceTurnsTestAwayButNotHealth) {
  set_health(true, "", true);
  EXPECT_EQ(get("/health").status, 200);
  EXPECT_EQ(get("/test").status, 503);
}

TEST_F(StatusServerTest, TestListsEachTest) {
  const Answer answer = get("/test");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body,
            R"({"Health":{"BuildVersion":"1.0.16209.8792","BuildTimestamp":"2016-07-27T04:53:04+00:00",)"
            R"("DatabaseConnectivity":true,"MaintenanceMode":false},"Tests":[)"
            R"({"Name":"Capture","Description":"Packets arrive.","Endpoint":"port 8080","Success":true,"Error":null},)"
            R"({"Name":"Shadow","Description":"It answers.","Endpoint":"http://s","Success":false,"Error":"503"}]})");
}

TEST_F(StatusServerTest, MetricsAndStatus) {
  const Answer metrics = get("/metrics");
  EXPECT_EQ(metrics.body, "# HELP x h\n# TYPE x gauge\nx 1\n");
  EXPECT_NE(metrics.head.find(std::string(metrics_content_type)), std::string::npos);
  EXPECT_EQ(get("/status?verbose=1").body, R"({"state":"running"})");
}

TEST_F(StatusServerTest, OtherPathsAndMethodsAreRefused) {
  EXPECT_EQ(get("/").status, 404);
  EXPECT_EQ(get("/health/").status, 404);
  EXPECT_EQ(curl("--request POST --data x=1 " + server_->url() + "/health").status, 405);
  EXPECT_EQ(curl("--request DELETE " + server_->url() + "/health").status, 405);
  const Answer head = curl("--head " + server_->url() + "/health");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
}

TEST_F(StatusServerTest, AnExceptionOfAHandlerIs500) {
  status_fails_ = true;
  EXPECT_EQ(get("/status").status, 500);
  status_fails_ = false;
  EXPECT_EQ(get("/status").status, 200);
}

TEST_F(StatusServerTest, ASecondServerOnThePortIsTold) {
  const std::string address = "127.0.0.1:" + std::to_string(server_->port());
  const Result<std::unique_ptr<StatusServer>> second = StatusServer::start(address, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ExitCode::address_in_use);
  EXPECT_NE(second.error().message.find("--status-address"), std::string::npos);
}

TEST_F(StatusServerTest, APortCanBeTakenAgainAtOnceAfterStopping) {
  const std::string address = "127.0.0.1:" + std::to_string(server_->port());
  EXPECT_EQ(get("/health").status, 200);
  server_.reset();
  StatusHandlers handlers;
  handlers.status = [] { return std::string("{}"); };
  const Result<std::unique_ptr<StatusServer>> again = StatusServer::start(address, handlers);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(curl((*again)->url() + "/status").status, 200);
}

// More clients than threads, all in the middle of a head, with an hour to go on: the end must break them off. If it did
// not, this test would not end.
TEST(StatusServer, SilentClientsDoNotHoldUpTheEnd) {
  Result<std::unique_ptr<StatusServer>> server = StatusServer::start("127.0.0.1:0", {}, std::chrono::hours(1));
  ASSERT_TRUE(server);
  std::vector<int> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(connect_to((*server)->port()));
    EXPECT_EQ(::send(clients.back(), "GET /hea", 8, MSG_NOSIGNAL), 8);
  }
  server->reset();
  for (const int client : clients) {
    char byte = 0;
    EXPECT_LE(::recv(client, &byte, 1, 0), 0);
    ::close(client);
  }
}

TEST_F(StatusServerTest, AHeadWithoutEndIsCutOff) {
  const int client = connect_to(server_->port());
  const std::string line = "X-Filler: " + std::string(1000, 'x') + "\r\n";
  ASSERT_GT(::send(client, "GET /health HTTP/1.1\r\n", 22, MSG_NOSIGNAL), 0);
  ssize_t sent = 0;
  for (int i = 0; i < 100'000 && sent >= 0; ++i) sent = ::send(client, line.data(), line.size(), MSG_NOSIGNAL);
  EXPECT_LT(sent, 0);  // closed long before 100 MB
  ::close(client);
  EXPECT_EQ(get("/health").status, 200);
}

TEST(StatusAddress, WhatIsNoAddressIsRefused) {
  for (const char* const address : {"9600", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "::1:9600", "[127.0.0.1]:1",
                                    "example.com:9600", "[::1:9600", ":9600", "127.0.0.1:96x"}) {
    const Result<std::unique_ptr<StatusServer>> server = StatusServer::start(address, {});
    ASSERT_FALSE(server) << address;
    EXPECT_EQ(server.error().code, ExitCode::usage) << address;
  }
}

TEST(StatusAddress, AnAddressOfAnotherHostIsRefused) {
  const Result<std::unique_ptr<StatusServer>> server = StatusServer::start("192.0.2.1:9600", {});
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message.find("192.0.2.1:9600"), std::string::npos);
}

TEST(StatusAddress, Ipv6) {
  StatusHandlers handlers;
  handlers.status = [] { return std::string("{}"); };
  const Result<std::unique_ptr<StatusServer>> server = StatusServer::start("[::1]:0", handlers);
  if (!server) GTEST_SKIP() << "no IPv6 here: " << server.error().message;
  EXPECT_EQ(curl("--globoff " + (*server)->url() + "/status").status, 200);
}

}  // namespace
}  // namespace understudy
