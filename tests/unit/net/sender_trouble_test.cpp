// Targets that are dead, hung, rude or wrong: nothing is sent twice, every request gets its reason, and sending goes on
// by itself afterwards.
#include <atomic>

#include "tests/support/servers/nginx_fixture.hpp"
#include "tests/support/servers/scripted_server.hpp"
#include "tests/unit/net/sender_fixture.hpp"

namespace understudy {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

[[nodiscard]] std::vector<std::string> names(std::size_t count) {
  std::vector<std::string> result;
  result.reserve(count);
  for (std::size_t i = 0; i < count; ++i) result.push_back(fmt::format("r{}", i));
  return result;
}

TEST_F(SenderTest, OpensTheBreakerOnADeadTargetAndRecoversByItself) {
  NginxFixture nginx;
  begin(options_for(nginx.port()));
  send({"before"});
  EXPECT_EQ(outcome_of("before"), "200");
  nginx.stop();
  ASSERT_TRUE(eventually([this] { return status().connections_open == 0; }));
  send({"dead"});
  // Three attempts; the pauses between them pass on the clock moved by hand.
  ASSERT_TRUE(eventually([this] {
    clock.advance(std::chrono::milliseconds(50));
    return !outcome("dead").empty();
  }));
  EXPECT_EQ(outcome("dead"), "connect_failed");
  EXPECT_TRUE(becomes(BreakerState::open));
  EXPECT_TRUE(eventually([this] { return sender->refuses(); }));
  EXPECT_THAT(status().last_error, HasSubstr("Connection refused"));
  send({"while-open"});
  EXPECT_EQ(outcome_of("while-open"), "breaker_open");

  nginx.start();
  clock.advance(seconds(1));
  ASSERT_TRUE(eventually([this] { return !sender->refuses(); }));
  send({"after"});
  EXPECT_EQ(outcome_of("after"), "200");
  EXPECT_TRUE(becomes(BreakerState::closed));
  EXPECT_THAT(told(), testing::ElementsAre(HasSubstr("trying again"), HasSubstr("circuit breaker open"),
                                           HasSubstr("circuit breaker closed")));
}

TEST_F(SenderTest, ConnectsAgainWithoutLossWhenTheTargetIsBackInTime) {
  NginxFixture nginx;
  nginx.stop();
  begin(options_for(nginx.port()));
  send({"r"});
  ASSERT_TRUE(eventually([this] { return status().connect_failures == 1; }));
  nginx.start();
  clock.advance(seconds(1));
  EXPECT_EQ(outcome_of("r"), "200");
}

TEST_F(SenderTest, AHungTargetHoldsBoundedConnectionsAndIsGivenUp) {
  std::atomic<unsigned> received{0};
  ScriptedServer server([&](Conversation& conversation) {
    if (conversation.read_request()) ++received;
    conversation.wait_for_close();
  });
  SenderOptions options = options_for(server.port());
  options.connections_max = 6;
  begin(std::move(options));
  const std::vector<std::string> requests = names(20);
  send(requests);
  ASSERT_TRUE(eventually([&] { return received == 6; }));
  EXPECT_EQ(status().in_flight, 6U);
  EXPECT_EQ(finished_count(), 0U);
  clock.advance(seconds(30));
  ASSERT_TRUE(eventually([this] { return finished_count() == 20; }));
  int timed_out = 0;
  for (const std::string& name : requests) {
    timed_out += outcome(name) == "timed_out" ? 1 : 0;
    EXPECT_THAT(outcome(name), testing::AnyOf("timed_out", "breaker_open"));
  }
  // Those in flight timed out; what still waited when the fifth did was lost to the breaker. Until then a connection
  // that timed out made room for another, on which nothing was received in time to count.
  EXPECT_GE(timed_out, 5);
  EXPECT_LE(server.connections(), 12U);
  EXPECT_TRUE(becomes(BreakerState::open));
  EXPECT_THAT(status().last_error, HasSubstr("no whole response in 30 s"));
}

TEST_F(SenderTest, AHalfOpenBreakerLetsOneRequestThroughAndWaitsForItsResponse) {
  std::atomic<bool> healthy{false};
  std::atomic<unsigned> received{0};
  ScriptedServer server([&](Conversation& conversation) {
    while (conversation.read_request()) {
      ++received;
      if (healthy) conversation.write(ok);
    }
  });
  SenderOptions options = options_for(server.port());
  options.breaker_failures = 1;
  begin(std::move(options));
  send({"first"});
  ASSERT_TRUE(eventually([&] { return received == 1; }));
  clock.advance(seconds(30));
  EXPECT_EQ(outcome_of("first"), "timed_out");
  ASSERT_TRUE(becomes(BreakerState::open));

  clock.advance(seconds(1));
  ASSERT_TRUE(becomes(BreakerState::half_open));
  ASSERT_TRUE(eventually([this] { return !sender->refuses(); }));
  send({"probe", "behind"});
  ASSERT_TRUE(eventually([&] { return received == 2; }));
  EXPECT_TRUE(eventually([this] { return sender->refuses(); }));
  EXPECT_EQ(outcome("behind"), "");
  clock.advance(seconds(30));
  EXPECT_EQ(outcome_of("probe"), "timed_out");
  EXPECT_EQ(outcome_of("behind"), "breaker_open");

  healthy = true;
  ASSERT_TRUE(becomes(BreakerState::open));
  clock.advance(seconds(1));  // the pause is two seconds now
  EXPECT_EQ(status().breaker, BreakerState::open);
  clock.advance(seconds(1));
  ASSERT_TRUE(becomes(BreakerState::half_open));
  ASSERT_TRUE(eventually([this] { return !sender->refuses(); }));
  send({"last"});
  EXPECT_EQ(outcome_of("last"), "200");
  EXPECT_TRUE(becomes(BreakerState::closed));
  EXPECT_EQ(received, 3U);
}

TEST_F(SenderTest, TriesAnyLaneWhileHalfOpen) {
  std::atomic<bool> healthy{false};
  ScriptedServer server([&](Conversation& conversation) {
    while (conversation.read_request() && healthy) conversation.write(ok);
  });
  SenderOptions options = options_for(server.port());
  options.session_affinity = true;
  options.connections_max = 4;
  options.breaker_failures = 1;
  begin(std::move(options));
  send({"first"}, 3);
  EXPECT_EQ(outcome_of("first"), "connection_lost");
  ASSERT_TRUE(becomes(BreakerState::open));
  healthy = true;
  clock.advance(seconds(1));
  ASSERT_TRUE(becomes(BreakerState::half_open));
  ASSERT_TRUE(eventually([this] { return status().connections_open == 1; }));
  // The connection that was tried belongs to another lane.
  send({"again"}, 3);
  EXPECT_EQ(outcome_of("again"), "200");
  EXPECT_TRUE(becomes(BreakerState::closed));
}

TEST_F(SenderTest, NeverSendsAgainWhatMayHaveReachedTheTarget) {
  std::atomic<unsigned> received{0};
  ScriptedServer server([&](Conversation& conversation) {
    if (!conversation.read_request()) return;
    ++received;
    switch (conversation.number() % 3) {
      case 0: return;  // closes without an answer
      case 1: return conversation.reset();
      default: conversation.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"); return conversation.reset();
    }
  });
  SenderOptions options = options_for(server.port());
  options.breaker_failures = 1000;
  begin(std::move(options));
  const std::vector<std::string> requests = names(60);
  send(requests);
  ASSERT_TRUE(eventually([this] { return finished_count() == 60; }));
  for (const std::string& name : requests) EXPECT_EQ(outcome(name), "connection_lost") << name;
  EXPECT_EQ(received, 60U);
}

TEST_F(SenderTest, OpensTheBreakerOnATargetThatKeepsBreaking) {
  ScriptedServer server([](Conversation& conversation) { (void)conversation.read_request(); });
  SenderOptions options = options_for(server.port());
  options.connections_max = 1;
  begin(std::move(options));
  for (int i = 0; i < 4; ++i) {
    send({fmt::format("r{}", i)});
    EXPECT_EQ(outcome_of(fmt::format("r{}", i)), "connection_lost");
    EXPECT_EQ(status().breaker, BreakerState::closed);
  }
  send({"fifth"});
  EXPECT_EQ(outcome_of("fifth"), "connection_lost");
  EXPECT_TRUE(becomes(BreakerState::open));
}

TEST_F(SenderTest, GivesUpOnATargetThatClosesEachConnectionAtOnce) {
  ScriptedServer server([](Conversation&) {});
  begin(options_for(server.port()));
  send({"r"});
  // Whether a byte was written before the end was seen is a race that the target decides; it is lost either way.
  EXPECT_EQ(outcome_of("r"), "connection_lost");
}

TEST_F(SenderTest, TellsWhatIsNotHttpFromWhatIsLost) {
  ScriptedServer server([](Conversation& conversation) {
    const auto request = conversation.read_request();
    if (!request) return;
    if (request->starts_with("GET /garbage ")) conversation.write("this is no HTTP, whatever it is\r\n\r\n");
    if (request->starts_with("GET /tls ")) conversation.write(std::string_view("\x15\x03\x03\x00\x02\x02\x0a", 7));
    if (request->starts_with("GET /bad-head ")) conversation.write("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n");
    if (request->starts_with("GET /bad-chunk ")) {
      conversation.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    }
    if (request->starts_with("GET /endless "))
      conversation.write("HTTP/1.1 200 OK\r\nX: " + std::string(2U << 20, 'x'));
    conversation.wait_for_close();
  });
  SenderOptions options = options_for(server.port());
  options.breaker_failures = 100;
  begin(std::move(options));
  for (const char* name : {"garbage", "tls", "bad-head", "bad-chunk", "endless"}) {
    send({name});
    EXPECT_EQ(outcome_of(name), "bad_response") << name;
  }
}

TEST_F(SenderTest, SaysThatATargetSpeaksTls) {
  ScriptedServer server([](Conversation& conversation) {
    (void)conversation.read_request();
    conversation.write(std::string_view("\x15\x03\x03\x00\x02\x02\x0a", 7));
  });
  begin(options_for(server.port()));
  send({"r"});
  EXPECT_EQ(outcome_of("r"), "bad_response");
  EXPECT_THAT(status().last_error, HasSubstr("https://"));
}

TEST_F(SenderTest, DoesNotUseAConnectionWithBytesThatNobodyAskedFor) {
  ScriptedServer server([](Conversation& conversation) {
    while (conversation.read_request()) conversation.write(std::string(ok) + "HTTP/1.1 408 Request Timeout\r\n\r\n");
  });
  begin(options_for(server.port()));
  send({"first"});
  EXPECT_EQ(outcome_of("first"), "200");
  send({"second"});
  EXPECT_EQ(outcome_of("second"), "200");
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(SenderTest, DeliversAnAnswerThatCameBeforeTheBodyWasRead) {
  std::atomic<bool> seen{false};
  ScriptedServer server([&](Conversation& conversation) {
    // Answers on the head alone, as servers do to a body that is too large, and reads nothing more.
    (void)conversation.read_bytes();
    conversation.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
    (void)eventually([&] { return seen.load(); });
  });
  begin(options_for(server.port()));
  send_post("large", std::string(64U << 20, 'x'));
  EXPECT_EQ(outcome_of("large"), "413");
  EXPECT_TRUE(eventually([this] { return status().connections_open == 0; }));
  seen = true;
}

TEST_F(SenderTest, TimesOutWhenAResponseTricklesForTooLong) {
  std::atomic<unsigned> written{0};
  ScriptedServer server([&](Conversation& conversation) {
    if (!conversation.read_request()) return;
    conversation.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    conversation.write("some");
    ++written;
    conversation.wait_for_close();
  });
  begin(options_for(server.port()));
  send({"r"});
  ASSERT_TRUE(eventually([&] { return written == 1 && status().bytes_received > 4; }));
  clock.advance(seconds(29));
  EXPECT_EQ(outcome("r"), "");
  clock.advance(seconds(1));
  EXPECT_EQ(outcome_of("r"), "timed_out");
}

TEST_F(SenderTest, AnUnknownNameIsAConnectFailure) {
  SenderOptions options;
  options.target = *parse_target("http://no-such-name.invalid");
  options.connect_attempts = 1;
  begin(std::move(options));
  send({"r"});
  EXPECT_EQ(outcome_of("r"), "connect_failed");
  EXPECT_THAT(status().last_error, AllOf(HasSubstr("no-such-name.invalid"), HasSubstr("cannot be resolved")));
}

TEST_F(SenderTest, TimesOutAConnectThatNobodyAnswers) {
  // 192.0.2.0/24 is for documentation (RFC 5737); a host without a route to it fails at once, which is as good.
  SenderOptions options;
  options.target = *parse_target("http://192.0.2.1:9");
  options.connect_attempts = 1;
  begin(std::move(options));
  send({"r"});
  ASSERT_TRUE(eventually([this] { return status().connections_connecting == 1 || !outcome("r").empty(); }));
  clock.advance(seconds(5));
  EXPECT_EQ(outcome_of("r"), "connect_failed");
}

}  // namespace
}  // namespace understudy
