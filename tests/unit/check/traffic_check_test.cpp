#include "agent/check/traffic_check.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>

#include "agent/safety/privileges.hpp"

namespace understudy {
namespace {

CheckRequest request_for(std::uint16_t port, std::vector<std::string> interfaces = {}) {
  CheckRequest request;
  request.ports = {port};
  request.capture.filter.ports = {port};
  request.capture.interfaces = std::move(interfaces);
  return request;
}

CheckItem judge(const TrafficSample& sample, const std::vector<std::string>& elsewhere = {}) {
  return judge_traffic(sample, request_for(8080, {"eth0"}), std::chrono::seconds(5), elsewhere);
}

TrafficSample healthy() {
  TrafficSample sample;
  sample.packets_to_server = 10;
  sample.packets_to_client = 8;
  sample.requests = 3;
  sample.responses = 3;
  return sample;
}

TEST(TrafficVerdict, HttpInBothDirectionsIsWell) {
  const CheckItem item = judge(healthy());
  EXPECT_EQ(item.status, CheckStatus::ok);
  EXPECT_EQ(item.found, "port 8080 for 5.0 s: 10 packets to the service, 8 from it; HTTP: 3 requests, 3 responses");
}

TEST(TrafficVerdict, SilenceFailsAndTellsWhereElseToLook) {
  const CheckItem here = judge({});
  EXPECT_EQ(here.status, CheckStatus::failed);
  EXPECT_EQ(here.found, "port 8080 for 5.0 s: no packet on eth0");
  const CheckItem there = judge({}, {"lo", "docker0"});
  EXPECT_EQ(there.status, CheckStatus::failed);
  EXPECT_EQ(there.advice, "capture there: --interface lo,docker0");
}

TEST(TrafficVerdict, WhatIsNotHttpFailsByName) {
  TrafficSample sample = healthy();
  sample.requests = sample.responses = 0;
  sample.tls = 5;
  EXPECT_NE(judge(sample).found.find("TLS"), std::string::npos);
  EXPECT_EQ(judge(sample).status, CheckStatus::failed);
  sample.tls = 0;
  sample.http2 = 5;
  EXPECT_NE(judge(sample).found.find("HTTP/2"), std::string::npos);
  EXPECT_EQ(judge(sample).status, CheckStatus::failed);
  sample.http2 = 0;
  sample.other = 5;
  EXPECT_NE(judge(sample).found.find("no HTTP request"), std::string::npos);
  EXPECT_EQ(judge(sample).status, CheckStatus::failed);
  sample.other = 0;
  EXPECT_NE(judge(sample).found.find("none of them carries data"), std::string::npos);
  EXPECT_EQ(judge(sample).status, CheckStatus::failed);
}

TEST(TrafficVerdict, HttpBesideOtherThingsIsAWarning) {
  TrafficSample sample = healthy();
  sample.tls = 2;
  EXPECT_EQ(judge(sample).status, CheckStatus::warning);
}

TEST(TrafficVerdict, OneDirectionOnly) {
  TrafficSample sample = healthy();
  sample.packets_to_client = sample.responses = 0;
  EXPECT_EQ(judge(sample).status, CheckStatus::warning);
  sample = healthy();
  sample.packets_to_server = sample.requests = 0;
  EXPECT_EQ(judge(sample).status, CheckStatus::failed);
}

TEST(TrafficVerdict, SeveralNetworksMayMeanSeveralCopies) {
  TrafficSample sample = healthy();
  sample.interfaces = {"lo", "eth0"};
  sample.networks = 1;
  EXPECT_EQ(judge(sample).status, CheckStatus::ok);
  sample.interfaces = {"eth0", "docker0"};
  sample.networks = 2;
  EXPECT_EQ(judge(sample).status, CheckStatus::warning);
  EXPECT_NE(judge(sample).advice.find("more than once"), std::string::npos);
}

TEST(TrafficVerdict, LossesAreWarningsInTheDetails) {
  TrafficSample sample = healthy();
  sample.cut = 2;
  sample.dropped = 7;
  sample.interfaces = {"eth0"};
  const CheckItem item = judge(sample);
  EXPECT_EQ(item.status, CheckStatus::warning);
  ASSERT_EQ(item.details.size(), 3U);
  EXPECT_EQ(item.details[0], "seen on eth0");
  EXPECT_TRUE(item.details[1].starts_with("2 packets were cut"));
  EXPECT_TRUE(item.details[2].starts_with("7 packets were dropped"));
}

// A service on loopback that answers whatever it is sent with `answer`, and a client that sends `question` on a new
// connection, again and again.
class LoopbackTraffic {
 public:
  LoopbackTraffic(std::string question, std::string answer)
      : question_(std::move(question)), answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address_;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address_), length), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &length), 0);
    service_ = std::thread([this] { serve(); });
    client_ = std::thread([this] { ask(); });
  }
  ~LoopbackTraffic() {
    stop_ = true;
    client_.join();
    ::shutdown(listener_, SHUT_RDWR);
    service_.join();
    ::close(listener_);
  }
  LoopbackTraffic(const LoopbackTraffic&) = delete;
  LoopbackTraffic& operator=(const LoopbackTraffic&) = delete;
  [[nodiscard]] std::uint16_t port() const { return ntohs(address_.sin_port); }

 private:
  void serve() const {
    std::array<char, 1024> buffer{};
    for (int peer = 0; (peer = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(peer)) {
      if (::recv(peer, buffer.data(), buffer.size(), 0) > 0) ::send(peer, answer_.data(), answer_.size(), MSG_NOSIGNAL);
    }
  }
  void ask() const {
    std::array<char, 1024> buffer{};
    while (!stop_) {
      const int peer = ::socket(AF_INET, SOCK_STREAM, 0);
      if (::connect(peer, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) == 0) {
        ::send(peer, question_.data(), question_.size(), MSG_NOSIGNAL);
        ::recv(peer, buffer.data(), buffer.size(), 0);
      }
      ::close(peer);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));  // paces the load; nothing is judged by it
    }
  }

  std::string question_;
  std::string answer_;
  int listener_;
  sockaddr_in address_{};
  std::atomic<bool> stop_{false};
  std::thread service_;
  std::thread client_;
};

class LiveTrafficCheck : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_capture_capability()) GTEST_SKIP() << "needs CAP_NET_RAW";
  }
  static CheckItem check(const LoopbackTraffic& traffic, std::vector<std::string> interfaces) {
    CheckRequest request = request_for(traffic.port(), std::move(interfaces));
    request.watch_time = std::chrono::seconds(10);  // ends as soon as enough was seen
    const Result<std::vector<Interface>> listed = list_interfaces();
    EXPECT_TRUE(listed);
    return check_traffic(request, *listed);
  }
};

TEST_F(LiveTrafficCheck, HttpOnLoopbackIsSeenAndItsInterfaceNamed) {
  const LoopbackTraffic traffic("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  const CheckItem item = check(traffic, {});
  EXPECT_EQ(item.status, CheckStatus::ok) << item.found;
  ASSERT_FALSE(item.details.empty());
  EXPECT_EQ(item.details[0], "seen on lo");
}

TEST_F(LiveTrafficCheck, NamingTheInterfaceSeesTheSame) {
  const LoopbackTraffic traffic("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(check(traffic, {"lo"}).status, CheckStatus::ok);
}

TEST_F(LiveTrafficCheck, AnInterfaceThatDoesNotExistFails) {
  CheckRequest request = request_for(80, {"no-such-if"});
  const CheckItem item = check_traffic(request, {});
  EXPECT_EQ(item.status, CheckStatus::failed);
  EXPECT_NE(item.found.find("no-such-if"), std::string::npos);
}

}  // namespace
}  // namespace understudy
