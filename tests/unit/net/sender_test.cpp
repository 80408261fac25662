// Sending to a real nginx, and to servers that keep an eye on order and number.
#include "traffic/net/sender.hpp"

#include "tests/support/servers/nginx_fixture.hpp"
#include "tests/support/servers/scripted_server.hpp"
#include "tests/unit/net/sender_fixture.hpp"

namespace understudy {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

void answer_everything(Conversation& conversation) {
  while (conversation.read_request()) conversation.write(ok);
}

[[nodiscard]] std::vector<std::string> names(const char* prefix, std::size_t count) {
  std::vector<std::string> result;
  result.reserve(count);
  for (std::size_t i = 0; i < count; ++i) result.push_back(fmt::format("{}{}", prefix, i));
  return result;
}

TEST_F(SenderTest, DeliversToNginxEachRequestOnce) {
  const NginxFixture nginx;
  begin(options_for(nginx.port()));
  send(names("r", 500));
  ASSERT_TRUE(eventually([this] { return finished_count() == 500; }));
  for (const std::string& name : names("r", 500)) EXPECT_EQ(outcome(name), "200");
  EXPECT_TRUE(eventually([&] { return nginx.requests().size() == 500; }));
  const SenderStatus now = status();
  EXPECT_EQ(now.responses[2], 500U);
  EXPECT_EQ(now.requests_sent, 500U);
  EXPECT_EQ(now.in_flight, 0U);
  EXPECT_LE(now.connects, 64U);
  EXPECT_EQ(now.last_error, "");
}

TEST_F(SenderTest, SendsOneAfterTheOtherOverOneConnection) {
  const NginxFixture nginx;
  begin(options_for(nginx.port()));
  for (const std::string& name : names("r", 20)) {
    send({name});
    EXPECT_EQ(outcome_of(name), "200");
  }
  EXPECT_EQ(status().connects, 1U);
  EXPECT_TRUE(eventually([&] { return nginx.requests().size() == 20; }));
  EXPECT_THAT(nginx.requests().back(), HasSubstr("/20 "));
}

TEST_F(SenderTest, NeverOpensMoreConnectionsThanAllowed) {
  ScriptedServer server(answer_everything);
  SenderOptions options = options_for(server.port());
  options.connections_max = 3;
  begin(std::move(options));
  send(names("r", 300));
  ASSERT_TRUE(eventually([this] { return finished_count() == 300; }));
  EXPECT_LE(server.connections(), 3U);
}

TEST_F(SenderTest, WritesABodyThatDoesNotFitTheSocketAndReadsALargeResponse) {
  std::string received;
  const std::string large(8U << 20, 'r');
  {
    ScriptedServer server([&](Conversation& conversation) {
      if (auto request = conversation.read_request()) received = std::move(*request);
      conversation.write(fmt::format("HTTP/1.1 201 Created\r\nContent-Length: {}\r\n\r\n", large.size()));
      conversation.write(large);
      conversation.wait_for_close();
    });
    begin(options_for(server.port()));
    std::string body;
    for (int i = 0; body.size() < (12U << 20); ++i) body += std::to_string(i);
    send_post("large", body);
    EXPECT_EQ(outcome_of("large"), "201");
    EXPECT_GT(status().bytes_received, large.size());
    end();
    EXPECT_TRUE(received.ends_with(body));
  }
}

TEST_F(SenderTest, FollowsEveryKindOfResponseFraming) {
  ScriptedServer server([](Conversation& conversation) {
    while (auto request = conversation.read_request()) {
      if (request->starts_with("GET /chunked ")) {
        conversation.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
      } else if (request->starts_with("GET /interim ")) {
        conversation.write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
      } else if (request->starts_with("GET /not-modified ")) {
        conversation.write("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n");
      } else if (request->starts_with("GET /until-close ")) {
        return conversation.write("HTTP/1.1 200 OK\r\n\r\nall of it");
      } else if (request->starts_with("GET /close ")) {
        return conversation.write("HTTP/1.1 500 Sorry\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx");
      } else if (request->starts_with("GET /upgrade ")) {
        conversation.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\x01\x02\x03");
        return conversation.wait_for_close();
      }
    }
  });
  begin(options_for(server.port()));
  for (const auto& [name, expected] : std::vector<std::pair<std::string, std::string>>{{"chunked", "200"},
                                                                                       {"interim", "204"},
                                                                                       {"not-modified", "304"},
                                                                                       {"until-close", "200"},
                                                                                       {"close", "500"},
                                                                                       {"upgrade", "101"},
                                                                                       {"chunked ", "200"}}) {
    send({name});
    EXPECT_EQ(outcome_of(name), expected) << name;
  }
  // The three that end a connection, and nothing else, cost another one.
  EXPECT_EQ(server.connections(), 4U);
  EXPECT_EQ(status().breaker, BreakerState::closed);
}

TEST_F(SenderTest, ClosesConnectionsThatRestTooLong) {
  ScriptedServer server(answer_everything);
  begin(options_for(server.port()));
  send({"first"});
  EXPECT_EQ(outcome_of("first"), "200");
  clock.advance(seconds(4) + Nanoseconds(1));
  EXPECT_TRUE(eventually([this] { return status().connections_open == 0; }));
  send({"second"});
  EXPECT_EQ(outcome_of("second"), "200");
  EXPECT_EQ(status().connects, 2U);
}

TEST_F(SenderTest, TakesAnotherConnectionWhenAKeptOneWasClosed) {
  ScriptedServer server([](Conversation& conversation) {
    if (conversation.read_request()) conversation.write(ok);
  });
  begin(options_for(server.port()));
  for (const std::string& name : names("r", 10)) {
    send({name});
    EXPECT_EQ(outcome_of(name), "200");
    // Until the end of the connection has been seen: what is sent before is lost to connection_lost, rightly.
    EXPECT_TRUE(eventually([this] { return status().connections_open == 0; }));
  }
  EXPECT_EQ(status().stale_connections, 10U);
}

TEST_F(SenderTest, LooksAtARestedConnectionBeforeItIsUsed) {
  // The loop is kept busy while the server closes, so that the end of the connection is only found by looking.
  std::atomic<bool> may_close{false};
  ScriptedServer server([&](Conversation& conversation) {
    while (conversation.read_request()) {
      conversation.write(ok);
      if (conversation.number() > 0) continue;
      (void)eventually([&] { return may_close.load(); });
      return;
    }
  });
  begin(options_for(server.port()));
  send({"first"});
  EXPECT_EQ(outcome_of("first"), "200");
  clock.advance(seconds(1));
  loop.run([&] {
    may_close = true;
    // The script returns and its descriptor is closed; there is nothing to observe from here but time.
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    sender->wake();
  });
  send({"second"});
  EXPECT_EQ(outcome_of("second"), "200");
}

// By session: of each of its requests in the order of arrival, the connection and the request's index.
using Arrivals = std::map<std::string, std::vector<std::pair<unsigned, std::size_t>>>;

class AffinityTest : public SenderTest {
 protected:
  // Sends `each` requests of so many sessions, round after round.
  Arrivals send_sessions(std::size_t sessions, std::size_t each, std::size_t connections_max) {
    std::mutex mutex;
    Arrivals seen;
    ScriptedServer server([&](Conversation& conversation) {
      while (auto request = conversation.read_request()) {
        const std::size_t dash = request->find('-');
        const std::lock_guard lock(mutex);
        seen[request->substr(5, dash - 5)].emplace_back(conversation.number(), std::stoul(request->substr(dash + 1)));
        conversation.write(ok);
      }
    });
    SenderOptions options = options_for(server.port());
    options.session_affinity = true;
    options.connections_max = connections_max;
    begin(std::move(options));
    for (std::size_t index = 0; index < each; ++index) {
      for (std::size_t session = 0; session < sessions; ++session) {
        send({fmt::format("s{}-{}", session, index)}, session);
      }
    }
    EXPECT_TRUE(eventually([&] { return finished_count() == sessions * each; }));
    EXPECT_LE(server.connections(), connections_max);
    end();
    return seen;
  }
};

TEST_F(AffinityTest, KeepsOrderAndConnectionOfEachSession) {
  const Arrivals seen = send_sessions(4, 100, 4);
  ASSERT_EQ(seen.size(), 4U);
  for (const auto& [session, requests] : seen) {
    ASSERT_EQ(requests.size(), 100U);
    for (std::size_t index = 0; index < requests.size(); ++index) {
      EXPECT_EQ(requests[index].second, index) << session;
      EXPECT_EQ(requests[index].first, requests.front().first) << session;
    }
  }
}

TEST_F(AffinityTest, KeepsTheOrderOfMoreSessionsThanConnections) {
  const Arrivals seen = send_sessions(10, 40, 4);
  ASSERT_EQ(seen.size(), 10U);
  for (const auto& [session, requests] : seen) {
    ASSERT_EQ(requests.size(), 40U);
    for (std::size_t index = 0; index < requests.size(); ++index) EXPECT_EQ(requests[index].second, index) << session;
  }
}

TEST_F(SenderTest, TriesEveryAddressOfAName) {
  // "localhost" is ::1 as well on most hosts, where nobody listens.
  ScriptedServer server(answer_everything);
  begin(options_for(server.port(), "http", "localhost"));
  send({"r"});
  EXPECT_EQ(outcome_of("r"), "200");
}

TEST_F(SenderTest, LosesToShutdownWhatIsUnderWayWhenItStops) {
  ScriptedServer server([](Conversation& conversation) { conversation.wait_for_close(); });
  SenderOptions options = options_for(server.port());
  options.connections_max = 2;
  begin(std::move(options));
  send(names("r", 5));
  ASSERT_TRUE(eventually([this] { return status().in_flight == 2; }));
  loop.run([this] { sender->stop(); });
  for (const std::string& name : names("r", 5)) EXPECT_EQ(outcome(name), "shutdown") << name;
}

}  // namespace
}  // namespace understudy
