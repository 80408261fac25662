// The sink from a captured request to the bytes at the target, and its ledger whatever the target does.
#include "traffic/pipeline/forward_sink.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "tests/support/manual_clock.hpp"
#include "tests/support/messages.hpp"
#include "tests/support/servers/nginx_fixture.hpp"
#include "tests/support/servers/scripted_server.hpp"
#include "traffic/rules/rule_chain.hpp"

namespace understudy {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// Answers everything and keeps the requests.
class RecordingServer {
 public:
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void answer(Conversation& conversation) {
    while (auto request = conversation.read_request()) {
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(std::move(*request));
      }
      conversation.write(ok);
    }
  }

  std::mutex mutex_;  // guards requests_
  std::vector<std::string> requests_;
  ScriptedServer server_{[this](Conversation& conversation) { answer(conversation); }};
};

class ForwardSinkTest : public testing::Test {
 protected:
  static ForwardSinkOptions options_for(std::uint16_t port, std::string_view path = "") {
    ForwardSinkOptions options;
    options.sender.target = *parse_target(fmt::format("http://127.0.0.1:{}{}", port, path));
    options.marker_value = "test-1";
    return options;
  }
  std::unique_ptr<ForwardSink> make(ForwardSinkOptions options) {
    auto sink = ForwardSink::create(loop, clock, rules, std::move(options), [](const SenderEvent&) {});
    EXPECT_TRUE(sink) << sink.error().message;
    return std::move(*sink);
  }
  static void drain(ForwardSink& sink) { sink.drain(system_clock().monotonic_now() + seconds(20)); }
  // What arrives of one request.
  std::string sent_as(ForwardSinkOptions options, RecordingServer& server, const RequestPtr& request) {
    auto sink = make(std::move(options));
    sink->on_request(request, 0);
    drain(*sink);
    EXPECT_EQ(sink->ledger().totals().delivered, 1U) << sink->status().sender.last_error;
    return server.requests().empty() ? "" : server.requests().back();
  }
  static void expect_adds_up(const LedgerTotals& totals) { EXPECT_EQ(totals.in_flight(), 0); }
  static std::uint64_t lost(const LedgerTotals& totals, LossReason reason) {
    return totals.lost[static_cast<std::size_t>(reason)];
  }
  static Result<std::shared_ptr<const RuleSet>> compiled(const RuleOptions& options) { return compile_rules(options); }

  ManualClock clock;
  CurrentRules rules{*compiled({})};
  EventLoop loop;
};

TEST_F(ForwardSinkTest, SendsARequestAsItCameButForWhatTheTargetChanges) {
  RecordingServer server;
  const RequestPtr request = test::capture_request(
      "POST /a/b?c=%20d HTTP/1.1\r\nuser-AGENT: x\r\nHost: production.example\r\nX-Two:  1\r\nx-two: 2\r\n"
      "Content-Length: 4\r\n\r\nbody");
  EXPECT_EQ(
      sent_as(options_for(server.port(), "/base/"), server, request),
      fmt::format("POST /base/a/b?c=%20d HTTP/1.1\r\nuser-AGENT: x\r\nHost: 127.0.0.1:{}\r\nX-Two:  1\r\nx-two: 2\r\n"
                  "Content-Length: 4\r\nUnderstudy-Mirrored: test-1\r\n\r\nbody",
                  server.port()));
}

TEST_F(ForwardSinkTest, KeepsTheOriginalHostWhenAsked) {
  RecordingServer server;
  ForwardSinkOptions options = options_for(server.port());
  options.original_host = true;
  EXPECT_THAT(
      sent_as(std::move(options), server, test::capture_request("GET / HTTP/1.1\r\nHost: production.example\r\n\r\n")),
      HasSubstr("\r\nHost: production.example\r\n"));
}

TEST_F(ForwardSinkTest, SendsAChunkedBodyWithItsOwnFraming) {
  std::string received;
  {
    ScriptedServer server([&](Conversation& conversation) {
      received = *conversation.read_request();
      while (received.find("0\r\n\r\n") == std::string::npos) received += conversation.read_bytes();
      conversation.write(ok);
      conversation.wait_for_close();
    });
    auto sink = make(options_for(server.port()));
    sink->on_request(test::capture_request("PUT /x HTTP/1.1\r\nHost: p\r\nTransfer-Encoding: chunked\r\n\r\n"
                                           "3;a=b\r\nabc\r\n0002\r\nde\r\n0\r\n\r\n"),
                     0);
    drain(*sink);
    EXPECT_EQ(sink->ledger().totals().delivered, 1U);
  }
  EXPECT_TRUE(received.ends_with("\r\n\r\n3;a=b\r\nabc\r\n0002\r\nde\r\n0\r\n\r\n")) << received;
}

TEST_F(ForwardSinkTest, AddsTheRealClientToForwardedForOrBeginsIt) {
  RecordingServer server;
  ForwardSinkOptions options = options_for(server.port());
  options.forwarded_for = true;
  EXPECT_THAT(sent_as(options, server, test::capture_request("GET / HTTP/1.1\r\nHost: p\r\n\r\n")),
              HasSubstr("\r\nX-Forwarded-For: 192.0.2.1\r\n"));
  EXPECT_THAT(
      sent_as(options, server, test::capture_request("GET / HTTP/1.1\r\nHost: p\r\nx-forwarded-for: 10.9.8.7\r\n\r\n")),
      HasSubstr("x-forwarded-for: 10.9.8.7, 192.0.2.1\r\n"));
}

TEST_F(ForwardSinkTest, AuthorizesWithTheUserOfTheTargetsUrl) {
  RecordingServer server;
  ForwardSinkOptions options = options_for(server.port());
  options.sender.target = *parse_target(fmt::format("http://Aladdin:open%20sesame@127.0.0.1:{}", server.port()));
  const std::string expected = "uthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n";
  EXPECT_THAT(sent_as(options, server, test::capture_request("GET / HTTP/1.1\r\nHost: p\r\n\r\n")),
              HasSubstr(expected));
  const std::string replaced = sent_as(
      options, server, test::capture_request("GET / HTTP/1.1\r\nauthorization: Bearer production\r\nHost: p\r\n\r\n"));
  EXPECT_THAT(replaced, HasSubstr(expected));
  EXPECT_THAT(replaced, Not(HasSubstr("production")));
}

TEST_F(ForwardSinkTest, AppliesTheRulesInForceWhenTheRequestGoesOut) {
  RecordingServer server;
  RuleOptions edits;
  edits.rewrite_url = {"^/old => /new"};
  edits.set_header = {"X-Stage: shadow"};
  rules.set(*compiled(edits));
  const std::string sent =
      sent_as(options_for(server.port(), "/base"), server,
              test::capture_request("POST /old/x HTTP/1.1\r\nHost: p\r\nContent-Length: 4\r\n\r\nbody"));
  EXPECT_TRUE(sent.starts_with("POST /base/new/x HTTP/1.1\r\n")) << sent;
  EXPECT_THAT(sent, HasSubstr("X-Stage: shadow\r\n"));
  EXPECT_TRUE(sent.ends_with("\r\n\r\nbody")) << sent;
}

TEST_F(ForwardSinkTest, CountsWhatCannotBeSentToAnotherServer) {
  RecordingServer server;
  auto sink = make(options_for(server.port()));
  sink->on_request(test::capture_request("CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\n"), 0);
  sink->on_request(test::capture_get("/"), 0);
  drain(*sink);
  EXPECT_EQ(lost(sink->ledger().totals(), LossReason::not_forwardable), 1U);
  EXPECT_EQ(sink->ledger().totals().delivered, 1U);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(ForwardSinkTest, DeliversEveryRequestOfEveryWorkerOnce) {
  constexpr unsigned workers = 4;
  constexpr unsigned each = 500;
  const NginxFixture nginx;
  ForwardSinkOptions options = options_for(nginx.port());
  options.workers = workers;
  auto sink = make(std::move(options));
  std::vector<std::thread> threads;
  for (unsigned worker = 0; worker < workers; ++worker) {
    threads.emplace_back([&sink, worker] {
      for (unsigned i = 0; i < each; ++i) sink->on_request(test::capture_get(fmt::format("/{}-{}", worker, i)), worker);
    });
  }
  for (std::thread& thread : threads) thread.join();
  drain(*sink);
  EXPECT_EQ(sink->ledger().totals().seen, workers * each);
  EXPECT_EQ(sink->ledger().totals().delivered, workers * each);
  std::vector<std::string> lines = nginx.requests();
  for (std::string& line : lines) line = line.substr(0, line.find(" host="));
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(std::unique(lines.begin(), lines.end()), lines.end());
  EXPECT_EQ(lines.size(), workers * each);
}

TEST_F(ForwardSinkTest, ABatchGoesOutAtItsEndOfWhateverSize) {
  RecordingServer server;
  auto sink = make(options_for(server.port()));
  std::uint64_t sent = 0;
  for (const unsigned size : {1U, 3U, 16U, 17U, 40U, 1U}) {
    for (unsigned i = 0; i < size; ++i) sink->on_request(test::capture_get("/"), 0);
    sink->on_batch_end(0);
    sent += size;
    EXPECT_TRUE(eventually([&] { return sink->ledger().totals().delivered == sent; })) << size;
  }
}

TEST_F(ForwardSinkTest, DropsAndCountsWhenTheQueueIsFull) {
  ScriptedServer hung([](Conversation& conversation) { conversation.wait_for_close(); });
  ForwardSinkOptions options = options_for(hung.port());
  options.sender.connections_max = 2;
  options.requests_max = 5;
  auto sink = make(std::move(options));
  for (int i = 0; i < 20; ++i) sink->on_request(test::capture_get("/"), 0);
  EXPECT_EQ(lost(sink->ledger().totals(), LossReason::queue_full), 15U);
  sink->drain(MonotonicTime{});
  EXPECT_EQ(lost(sink->ledger().totals(), LossReason::shutdown), 5U);
  expect_adds_up(sink->ledger().totals());
}

TEST_F(ForwardSinkTest, BoundsTheMemoryOfWhatIsQueuedAndInFlight) {
  ScriptedServer hung([](Conversation& conversation) { conversation.wait_for_close(); });
  ForwardSinkOptions options = options_for(hung.port());
  options.memory_max = 1U << 20;
  options.workers = 2;
  auto sink = make(std::move(options));
  const RequestPtr large = test::capture_post("text/plain", std::string(200'000, 'x'));
  for (unsigned i = 0; i < 20; ++i) sink->on_request(large, i % 2);
  EXPECT_LE(sink->status().queued_bytes, 1U << 20);
  EXPECT_GT(sink->status().queued_bytes, 700'000U);
  EXPECT_GE(lost(sink->ledger().totals(), LossReason::queue_full), 14U);
  sink->drain(MonotonicTime{});
  EXPECT_EQ(sink->status().queued_bytes, 0U);
  expect_adds_up(sink->ledger().totals());
}

TEST_F(ForwardSinkTest, ALosslessSinkWaitsForRoomInsteadOfDropping) {
  RecordingServer server;
  ForwardSinkOptions options = options_for(server.port());
  options.requests_max = 2;
  options.lossless = true;
  auto sink = make(std::move(options));
  for (int i = 0; i < 300; ++i) sink->on_request(test::capture_get("/"), 0);
  drain(*sink);
  EXPECT_EQ(sink->ledger().totals().delivered, 300U);
}

TEST_F(ForwardSinkTest, ALosslessSinkDoesNotWaitForADeadTarget) {
  ForwardSinkOptions options = options_for(unused_port());
  options.sender.connect_attempts = 1;
  options.requests_max = 2;
  options.lossless = true;
  auto sink = make(std::move(options));
  for (int i = 0; i < 50; ++i) sink->on_request(test::capture_get("/"), 0);
  drain(*sink);
  const LedgerTotals totals = sink->ledger().totals();
  EXPECT_EQ(totals.delivered, 0U);
  EXPECT_GE(lost(totals, LossReason::connect_failed), 1U);
  EXPECT_EQ(lost(totals, LossReason::connect_failed) + lost(totals, LossReason::breaker_open), 50U);
}

TEST_F(ForwardSinkTest, RefusesAtOnceWhileTheBreakerIsOpen) {
  ForwardSinkOptions options = options_for(unused_port());
  options.sender.connect_attempts = 1;
  auto sink = make(std::move(options));
  sink->on_request(test::capture_get("/"), 0);
  sink->on_batch_end(0);
  ASSERT_TRUE(eventually([&] { return sink->status().sender.breaker == BreakerState::open; }));
  for (int i = 0; i < 10; ++i) sink->on_request(test::capture_get("/"), 0);
  EXPECT_EQ(lost(sink->ledger().totals(), LossReason::breaker_open), 10U);
  EXPECT_EQ(lost(sink->ledger().totals(), LossReason::connect_failed), 1U);
  EXPECT_EQ(sink->status().queued, 0U);
  EXPECT_THAT(sink->status().sender.last_error, HasSubstr("Connection refused"));
}

TEST_F(ForwardSinkTest, AHungTargetDoesNotStallItsSibling) {
  ScriptedServer hung([](Conversation& conversation) { conversation.wait_for_close(); });
  RecordingServer server;
  auto stalled = make(options_for(hung.port()));
  auto sink = make(options_for(server.port()));
  for (int i = 0; i < 200; ++i) {
    const RequestPtr request = test::capture_get("/");
    stalled->on_request(request, 0);
    sink->on_request(request, 0);
  }
  stalled->on_batch_end(0);
  sink->on_batch_end(0);
  EXPECT_TRUE(eventually([&] { return sink->ledger().totals().delivered == 200; }));
  EXPECT_EQ(stalled->ledger().totals().in_flight(), 200);
}

TEST_F(ForwardSinkTest, IsReplacedWhileRequestsAreUnderWay) {
  RecordingServer server;
  auto sink = make(options_for(server.port()));
  std::uint64_t delivered = 0;
  for (int reload = 0; reload < 10; ++reload) {
    for (int i = 0; i < 20; ++i) sink->on_request(test::capture_get("/"), 0);
    auto next = make(options_for(server.port()));
    drain(*sink);
    delivered += sink->ledger().totals().delivered;
    sink = std::move(next);
  }
  EXPECT_EQ(delivered, 200U);
  EXPECT_EQ(server.requests().size(), 200U);
}

TEST_F(ForwardSinkTest, TakesNothingBehindItsDrain) {
  RecordingServer server;
  auto sink = make(options_for(server.port()));
  drain(*sink);
  sink->on_request(test::capture_get("/"), 0);
  EXPECT_EQ(lost(sink->ledger().totals(), LossReason::shutdown), 1U);
  expect_adds_up(sink->ledger().totals());
}

TEST_F(ForwardSinkTest, MeasuresFromThePacketToTheFirstByteWritten) {
  RecordingServer server;
  auto sink = make(options_for(server.port()));
  auto request = test::capture_get("/");
  request->last_byte = clock.wall_now() - std::chrono::milliseconds(7);
  sink->on_request(std::move(request), 0);
  drain(*sink);
  const ForwardSinkStatus status = sink->status();
  EXPECT_EQ(status.wire_to_shadow_delay_ns.count(), 1U);
  EXPECT_EQ(status.wire_to_shadow_delay_ns.maximum(), 7'000'000U);
  EXPECT_EQ(status.response_latency_ns.count(), 1U);
  EXPECT_EQ(status.sender.responses[2], 1U);
  EXPECT_EQ(status.name, fmt::format("http://127.0.0.1:{}", server.port()));
}

TEST_F(ForwardSinkTest, AskForRequestBodiesAndNoExchanges) {
  const auto sink = make(options_for(1));
  EXPECT_TRUE(sink->needs().request_bodies);
  EXPECT_FALSE(sink->needs().exchanges);
}

TEST_F(ForwardSinkTest, IsNotMadeWithoutItsCertificates) {
  ForwardSinkOptions options = options_for(1);
  options.sender.target = *parse_target("https://shadow.example.com");
  options.tls.ca_file = "/nonexistent/ca.pem";
  const auto sink = ForwardSink::create(loop, clock, rules, std::move(options), [](const SenderEvent&) {});
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().code, ExitCode::tls);
}

}  // namespace
}  // namespace understudy
