#include "tests/unit/run/run_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

namespace understudy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr const char* ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

void answer_everything(Conversation& conversation) {
  while (conversation.read_request()) conversation.write(ok);
}

TEST_F(RunTest, PlaysEveryRequestOnce) {
  const NginxFixture nginx;
  add_target(nginx.port());
  constexpr int count = 500;
  for (int i = 0; i < count; ++i) record_get(static_cast<std::uint64_t>(i % 20), fmt::format("/{}", i), i * 10us);
  play();
  EXPECT_EQ(candidate().planned, count);
  EXPECT_EQ(candidate().outcomes.sent, count);
  EXPECT_EQ(candidate().outcomes.by_status.at(200), count);
  EXPECT_EQ(candidate().outcomes.latency.count(), count);
  EXPECT_EQ(candidate().lateness.count(), count);
  std::vector<std::string> lines = nginx.requests();
  for (std::string& line : lines) line = line.substr(0, line.find(" host="));
  std::ranges::sort(lines);
  EXPECT_EQ(std::ranges::unique(lines).size(), 0U);
  EXPECT_EQ(lines.size(), count);
}

TEST_F(RunTest, EveryRequestCarriesTheMarker) {
  const NginxFixture nginx;
  add_target(nginx.port());
  options.marker_value = "this-run";
  record_get(1, "/");
  play();
  EXPECT_THAT(nginx.requests(), ElementsAre(HasSubstr("marker=this-run")));
}

TEST_F(RunTest, SessionsHaveTheirOrderAndTheirConnections) {
  std::mutex mutex;
  std::map<std::string, std::vector<std::pair<unsigned, int>>> seen;  // by session: connection, index
  ScriptedServer server([&](Conversation& conversation) {
    while (const auto request = conversation.read_request()) {
      const std::size_t dash = request->find('-');
      const std::lock_guard lock(mutex);
      seen[request->substr(5, dash - 5)].emplace_back(conversation.number(), std::stoi(request->substr(dash + 1)));
      conversation.write(ok);
    }
  });
  add_target(server.port());
  options.threads = 2;
  options.connections = 64;
  for (int index = 0; index < 30; ++index) {
    for (std::uint64_t session = 1; session <= 8; ++session) {
      record_get(session, fmt::format("/s{}-{}", session, index), index * 100us);
    }
  }
  play();
  const std::lock_guard lock(mutex);
  EXPECT_EQ(seen.size(), 8U);
  EXPECT_LE(server.connections(), 8U);
  for (const auto& [session, requests] : seen) {
    ASSERT_EQ(requests.size(), 30U) << session;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      EXPECT_EQ(requests[i].first, requests.front().first) << session;
      EXPECT_EQ(requests[i].second, static_cast<int>(i)) << session;
    }
  }
}

TEST_F(RunTest, HoldsBackWritesAndBodiesThatWereNotRecorded) {
  ScriptedServer server(answer_everything);
  add_target(server.port());
  allow_writes = false;
  record_get(1, "/read");
  record(1, "HEAD /read HTTP/1.1\r\nHost: p\r\n\r\n", "");
  record(1, "POST /write HTTP/1.1\r\nHost: p\r\nContent-Length: 2\r\n\r\nab");
  record(1, "DELETE /write HTTP/1.1\r\nHost: p\r\n\r\n");
  play();
  EXPECT_EQ(candidate().planned, 2U);
  EXPECT_EQ(run->scheduler().held_back(HeldBack::writes), 2U);
}

TEST_F(RunTest, SendsNothingToWhereTheRecordingCameFrom) {
  ScriptedServer server(answer_everything);
  add_target(server.port());
  options.schedule.guard.hosts = {"production"};
  record(1, "GET /other HTTP/1.1\r\nHost: elsewhere\r\n\r\n");
  record_get(1, "/");
  record_get(1, "/");
  play();
  ASSERT_TRUE(run->scheduler().failure().has_value());
  EXPECT_EQ(run->scheduler().failure()->code, ExitCode::refused);
  EXPECT_THAT(run->scheduler().failure()->message, HasSubstr("--allow-production"));
  EXPECT_EQ(candidate().planned, 1U);
}

TEST_F(RunTest, KnowsProductionByItsAddressAsWell) {
  ScriptedServer server(answer_everything);
  add_target(server.port());
  options.schedule.guard.endpoints = {*Endpoint::parse("198.51.100.2:80")};
  record_get(1, "/");
  play();
  EXPECT_EQ(run->scheduler().failure()->code, ExitCode::refused);
  EXPECT_EQ(candidate().planned, 0U);
}

TEST_F(RunTest, BeginsAnewUntilTheCountIsReached) {
  ScriptedServer server(answer_everything);
  add_target(server.port());
  options.schedule.loop = true;
  options.schedule.count_max = 25;
  for (int i = 0; i < 10; ++i) record_get(1, fmt::format("/{}", i), i * 100us);
  play();
  EXPECT_EQ(candidate().planned, 25U);
  EXPECT_EQ(run->scheduler().turns(), 3U);
  // Ten requests in 900 us and a pause of the mean gap, 90 us: request 21 is the first of the third turn.
  EXPECT_EQ(run->scheduler().last_due(), 2 * 990us + 400us);
}

TEST_F(RunTest, EndsWithAnEmptyRecordingThatIsRepeated) {
  ScriptedServer server(answer_everything);
  add_target(server.port());
  options.schedule.loop = true;
  play();
  EXPECT_EQ(candidate().planned, 0U);
}

TEST_F(RunTest, NothingIsDueAfterTheDuration) {
  ScriptedServer server(answer_everything);
  add_target(server.port());
  options.schedule.duration = 10ms;
  for (int i = 0; i < 100; ++i) record_get(1, "/", i * 1ms);
  play();
  EXPECT_EQ(candidate().planned, 10U);
}

TEST_F(RunTest, LeavesWarmUpAndCoolDownOutOfTheFigures) {
  ScriptedServer server(answer_everything);
  add_target(server.port());
  options.warm_up = 10ms;
  options.measure_until = 30ms;
  for (int i = 0; i < 40; ++i) record_get(1, "/", i * 1ms);
  play();
  EXPECT_EQ(candidate().planned, 20U);
  EXPECT_EQ(candidate().outcomes.completed(), 20U);
  EXPECT_EQ(measured.excluded, 20U);
  EXPECT_EQ(run->figures().targets.front().planned, 40U);
}

TEST_F(RunTest, ADeadTargetLosesRequestsByNameAndTheRunEnds) {
  add_target(unused_port());
  for (int i = 0; i < 50; ++i) record_get(static_cast<std::uint64_t>(i), "/", i * 100us);
  play();
  EXPECT_EQ(candidate().outcomes.completed(), 0U);
  EXPECT_EQ(candidate().outcomes.lost_total(), 50U);
  EXPECT_GT(candidate().outcomes.lost_for(LossReason::connect_failed), 0U);
}

TEST_F(RunTest, BoundsWhatIsPendingAndCountsTheRest) {
  ScriptedServer hung([](Conversation& conversation) { conversation.wait_for_close(); });
  add_target(hung.port());
  options.pending_max = 5;
  options.connections = 2;
  for (int i = 0; i < 20; ++i) record_get(static_cast<std::uint64_t>(i), "/");
  make();
  run->start();
  ASSERT_TRUE(eventually([this] { return run->scheduler().ended() && run->all_handed_out(); }));
  ASSERT_TRUE(run->end());
  measured = run->measured();
  EXPECT_EQ(candidate().outcomes.lost_for(LossReason::queue_full), 15U);
  EXPECT_EQ(candidate().outcomes.lost_for(LossReason::shutdown), 5U);
}

TEST_F(RunTest, AClosedLoopNeverHasMoreUnderWayThanConnections) {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  ScriptedServer server([&](Conversation& conversation) {
    while (conversation.read_request()) {
      most = std::max(most.load(), ++now);
      --now;
      conversation.write(ok);
    }
  });
  add_target(server.port());
  options.fast = true;
  pacing.as_fast_as_possible = true;
  options.keep_sessions = false;
  options.connections = 4;
  for (int i = 0; i < 2000; ++i) record_get(static_cast<std::uint64_t>(i), "/");
  play();
  EXPECT_EQ(candidate().outcomes.completed(), 2000U);
  EXPECT_LE(server.connections(), 4U);
  EXPECT_LE(most.load(), 4);
}

TEST_F(RunTest, ABaselineGetsTheSameRequests) {
  const NginxFixture current;
  const NginxFixture next;
  add_target(next.port());
  add_target(current.port());
  options.compare = true;
  for (int i = 0; i < 50; ++i) record_get(static_cast<std::uint64_t>(i % 5), fmt::format("/{}", i));
  play();
  EXPECT_EQ(measured.targets.size(), 2U);
  EXPECT_EQ(measured.targets[1].outcomes.completed(), 50U);
  const auto targets_of = [](const NginxFixture& server) {
    std::vector<std::string> lines = server.requests();
    for (std::string& line : lines) line = line.substr(0, line.find(" host="));
    std::ranges::sort(lines);
    return lines;
  };
  EXPECT_EQ(targets_of(current), targets_of(next));
  EXPECT_EQ(candidate().comparison.compared, 50U);
  EXPECT_EQ(candidate().comparison.different, 0U);
}

TEST_F(RunTest, ComparesWithWhatWasRecorded) {
  ScriptedServer server(answer_everything);
  add_target(server.port());
  options.compare = true;
  record_get(1, "/same");
  record(1, "GET /status HTTP/1.1\r\nHost: p\r\n\r\n", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  record(1, "GET /body HTTP/1.1\r\nHost: p\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nworld");
  record(1, "GET /unanswered HTTP/1.1\r\nHost: p\r\n\r\n", "");
  play();
  EXPECT_EQ(candidate().comparison.compared, 3U);
  EXPECT_EQ(candidate().comparison.status_mismatches, 1U);
  EXPECT_EQ(candidate().comparison.body_mismatches, 1U);
  EXPECT_EQ(candidate().comparison.not_comparable, 1U);
}

TEST_F(RunTest, RulesDecideAndEdit) {
  const NginxFixture nginx;
  add_target(nginx.port());
  RuleOptions wanted;
  wanted.deny = {"path=^/internal"};
  wanted.rewrite_url = {"^/v1/ => /v2/"};
  rules.set(*compile_rules(wanted));
  record_get(1, "/internal/x");
  record_get(1, "/v1/orders");
  play();
  EXPECT_EQ(run->scheduler().held_back(HeldBack::denied), 1U);
  EXPECT_THAT(nginx.requests(), ElementsAre(HasSubstr("GET /v2/orders ")));
}

TEST_F(RunTest, CarriesATokenFromTheLoginToLaterRequests) {
  std::mutex mutex;
  std::vector<std::string> tokens;
  ScriptedServer server([&](Conversation& conversation) {
    while (const auto request = conversation.read_request()) {
      if (request->starts_with("POST /login")) {
        conversation.write(
            fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 25\r\n\r\n"
                        "{{\"access_token\":\"new-{:02}\"}}",
                        conversation.number()));
        continue;
      }
      const std::lock_guard lock(mutex);
      tokens.push_back(request->substr(request->find("Bearer "), 13));
      conversation.write(ok);
    }
  });
  add_target(server.port());
  options.carry = *CarryRules::compile(std::vector<std::string>{"json:/access_token -> header:Authorization"});
  record(
      1, "POST /login HTTP/1.1\r\nHost: p\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 26\r\n\r\n{\"access_token\":\"old-one\"}");
  record(1, "GET /mine HTTP/1.1\r\nHost: p\r\nAuthorization: Bearer old-one\r\n\r\n");
  play();
  const std::lock_guard lock(mutex);
  EXPECT_THAT(tokens, ElementsAre("Bearer new-00"));
  EXPECT_EQ(run->carried().edited_requests, 1U);
}

TEST_F(RunTest, StopsInTheMiddleAndStillTellsWhatWasDone) {
  ScriptedServer server(answer_everything);
  add_target(server.port());
  for (int i = 0; i < 10'000; ++i) record_get(static_cast<std::uint64_t>(i % 8), "/", i * 1ms);
  make();
  run->start();
  ASSERT_TRUE(eventually([this] { return run->figures().targets.front().outcomes.completed() >= 20; }));
  run->stop(true);
  ASSERT_TRUE(eventually([this] { return run->finished(); }));
  ASSERT_TRUE(run->end());
  measured = run->measured();
  EXPECT_EQ(candidate().outcomes.finished(), candidate().planned);
  EXPECT_LT(candidate().planned, 10'000U);
}

}  // namespace
}  // namespace understudy
