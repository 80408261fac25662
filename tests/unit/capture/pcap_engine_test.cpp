#include "agent/capture/pcap_engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "agent/capture/interfaces.hpp"
#include "agent/capture/link_type.hpp"
#include "tests/unit/capture/network_namespace.hpp"
#include "tests/unit/capture/packet_log.hpp"

namespace understudy {
namespace {

using testing::Contains;
using testing::HasSubstr;

// Real interfaces in a namespace of the test's own. Waits are for what must come, and end early when it does.
class PcapEngine : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string problem = enter_new_network_namespace(); !problem.empty()) {
      GTEST_SKIP() << problem;
    }
    options.buffer_bytes = std::size_t{4} * 1024 * 1024;
    options.on_event = [this](std::string_view text) { events.emplace_back(text); };
  }
  void open(std::vector<std::string> interfaces, std::vector<std::uint16_t> ports) {
    options.interfaces = std::move(interfaces);
    options.filter.ports = std::move(ports);
    auto opened = open_live(options);
    ASSERT_TRUE(opened) << opened.error().message;
    engine = *std::move(opened);
  }
  void make_veth() {
    ip("link add near type veth peer name far");
    ip("link set near up");
    ip("link set far up");
  }
  // Polls until `done`, for at most 10 s.
  bool poll_until(const std::function<bool()>& done) {
    const MonotonicTime deadline = system_clock().monotonic_now() + std::chrono::seconds(10);
    while (!done() && system_clock().monotonic_now() < deadline) {
      const auto outcome = engine->poll(log, std::chrono::milliseconds(200));
      EXPECT_TRUE(outcome) << outcome.error().message;
      EXPECT_NE(outcome, PollOutcome::end);
    }
    return done();
  }
  [[nodiscard]] std::size_t packets_with(std::string_view text) const {
    return static_cast<std::size_t>(std::count_if(
        log.packets.begin(), log.packets.end(),
        [&](const CapturedPacket& packet) { return as_text(packet.data).find(text) != std::string_view::npos; }));
  }
  [[nodiscard]] bool told(std::string_view words) const {
    return std::any_of(events.begin(), events.end(),
                       [&](const std::string& event) { return event.find(words) != std::string::npos; });
  }
  static Bytes frame(std::string_view payload, std::vector<std::uint16_t> vlans = {}) {
    TcpPacket packet;
    packet.source = endpoint("10.0.0.1:40000");
    packet.destination = endpoint("10.0.0.2:80");
    packet.payload = payload;
    return ethernet_frame(ip_packet(packet), {.vlans = std::move(vlans), .minimum_size = 0});
  }

  LiveOptions options;
  std::vector<std::string> events;
  std::unique_ptr<Engine> engine;
  PacketLog log;
};

TEST_F(PcapEngine, LoopbackPacketsComeOnce) {
  LoopbackServer server;
  for (const std::vector<std::string>& interfaces :
       {std::vector<std::string>{"lo"}, {}, {"any"}, {"lo", "lo"}, {"lo", "any"}}) {
    log.packets.clear();
    open(interfaces, {server.port()});
    server.exchange("the request", "the response");
    server.exchange("the last one", "the end");
    ASSERT_TRUE(poll_until([&] { return packets_with("the end") > 0; }));
    EXPECT_EQ(packets_with("the request"), 1U);
    EXPECT_EQ(packets_with("the response"), 1U);
    EXPECT_EQ(packets_with("the last one"), 1U);
    const bool any = interfaces.empty() || interfaces.back() == "any";
    EXPECT_EQ(log.packets[0].link_type, any ? link_type::linux_cooked_v2 : link_type::ethernet);
    EXPECT_LT(system_clock().wall_now() - log.packets[0].time, std::chrono::minutes(1));
  }
}

TEST_F(PcapEngine, OnlyThePortsAskedFor) {
  LoopbackServer wanted;
  LoopbackServer other;
  open({"lo"}, {wanted.port()});
  other.exchange("other", "other");
  wanted.exchange("wanted", "wanted");
  ASSERT_TRUE(poll_until([&] { return packets_with("wanted") == 2; }));
  EXPECT_EQ(packets_with("other"), 0U);
}

TEST_F(PcapEngine, StatisticsCountWhatCame) {
  LoopbackServer server;
  open({"lo"}, {server.port()});
  server.exchange("a", "b");
  ASSERT_TRUE(poll_until([&] { return log.packets.size() >= 8; }));
  engine->stop();
  EXPECT_EQ(engine->poll(log, std::chrono::seconds(1)), PollOutcome::end);
  EXPECT_EQ(engine->statistics().packets_received, log.packets.size());  // also: no outgoing copies in the buffer
  EXPECT_EQ(engine->statistics().dropped_by_kernel, 0U);
  EXPECT_THAT(engine->description(), HasSubstr("lo (buffer 4 MiB"));
}

TEST_F(PcapEngine, AFullBufferIsCounted) {
  make_veth();
  options.buffer_bytes = std::size_t{1024} * 1024;
  open({"near"}, {80});
  send_frame("far", frame(std::string(1400, 'x')), 3000);  // nobody polls meanwhile
  ASSERT_TRUE(poll_until([&] { return engine->statistics().packets_received >= 3000; }));
  engine->stop();
  EXPECT_EQ(engine->poll(log, Nanoseconds::zero()), PollOutcome::end);
  const EngineStatistics statistics = engine->statistics();
  EXPECT_GT(statistics.dropped_by_kernel, 1000U);
  EXPECT_EQ(statistics.dropped_by_kernel + log.packets.size(), statistics.packets_received);
}

TEST_F(PcapEngine, TaggedFramesPassTheKernelsFilter) {
  make_veth();
  for (const std::vector<std::string>& interfaces : {std::vector<std::string>{"near"}, {"any"}}) {
    log.packets.clear();
    open(interfaces, {80});
    send_frame("far", frame("untagged"));
    send_frame("far", frame("one tag", {100}));
    send_frame("far", frame("two tags", {100, 200}));
    send_frame("far", frame("the end"));
    ASSERT_TRUE(poll_until([&] { return packets_with("the end") > 0; }));
    EXPECT_GE(packets_with("untagged"), 1U);
    EXPECT_GE(packets_with("one tag"), 1U);
    EXPECT_GE(packets_with("two tags"), 1U);
  }
}

TEST_F(PcapEngine, GoesOnWhenTheInterfaceComesUpAgain) {
  make_veth();
  open({"near"}, {80});
  send_frame("far", frame("first"));
  ASSERT_TRUE(poll_until([&] { return packets_with("first") == 1; }));
  ip("link set near down");
  ASSERT_TRUE(poll_until([&] { return told("near went down"); }));
  ip("link set near up");
  ASSERT_TRUE(poll_until([&] { return told("near is up again"); }));
  send_frame("far", frame("second"));
  EXPECT_TRUE(poll_until([&] { return packets_with("second") == 1; }));
}

TEST_F(PcapEngine, GoesOnWhenTheInterfaceIsMadeAnew) {
  make_veth();
  open({"near", "lo"}, {80});
  send_frame("far", frame("first"));
  ASSERT_TRUE(poll_until([&] { return packets_with("first") == 1 && engine->statistics().packets_received >= 1; }));
  for (int round = 1; round <= 2; ++round) {
    events.clear();
    ip("link delete near");
    ASSERT_TRUE(poll_until([&] { return told("near is gone"); }));
    make_veth();
    ASSERT_TRUE(poll_until([&] { return told("capturing on near again"); }));
    const std::string text = "round " + std::to_string(round);
    send_frame("far", frame(text));
    ASSERT_TRUE(poll_until([&] { return packets_with(text) == 1; }));
  }
  ASSERT_TRUE(poll_until([&] { return engine->statistics().packets_received >= 3; }));  // over all three handles
}

TEST_F(PcapEngine, WaitsForAnInterfaceThatIsDownAtFirst) {
  ip("link add near type veth peer name far");
  ip("link set far up");
  open({"near"}, {80});
  ip("link set near up");
  ASSERT_TRUE(poll_until([&] { return told("again"); }));
  send_frame("far", frame("hello"));
  EXPECT_TRUE(poll_until([&] { return packets_with("hello") == 1; }));
}

TEST_F(PcapEngine, StopEndsAWait) {
  open({"lo"}, {80});
  std::thread stopper([&] { engine->stop(); });
  EXPECT_EQ(engine->poll(log, std::chrono::seconds(60)), PollOutcome::end);
  stopper.join();
  EXPECT_EQ(engine->poll(log, std::chrono::seconds(60)), PollOutcome::end);
}

TEST_F(PcapEngine, WorkersShareFlowsWholeAndOnce) {
  LoopbackServer server;
  options.fan_out = PacketFanOut{4242};
  std::vector<std::unique_ptr<Engine>> engines;
  std::vector<PacketLog> logs(3);
  for (PacketLog& one : logs) {
    open({"lo"}, {server.port()});
    EXPECT_EQ(engine->poll(one, Nanoseconds::zero()), PollOutcome::idle);
    engines.push_back(std::move(engine));
  }
  constexpr std::size_t connections = 60;
  for (std::size_t i = 0; i < connections; ++i) {
    server.exchange("request", "response");
  }
  std::map<std::uint16_t, std::set<std::size_t>> workers_of_client;
  std::size_t payloads = 0;
  for (int turns = 0; turns < 200 && payloads < 2 * connections; ++turns) {
    for (std::size_t i = 0; i < engines.size(); ++i) {
      logs[i].packets.clear();
      ASSERT_TRUE(engines[i]->poll(logs[i], std::chrono::milliseconds(10)));
      for (const CapturedPacket& packet : logs[i].packets) {
        const std::uint16_t source = load_be16(packet.data.data() + 34);
        const std::uint16_t destination = load_be16(packet.data.data() + 36);
        workers_of_client[source == server.port() ? destination : source].insert(i);
        payloads += as_text(packet.data).find("re") == std::string_view::npos ? 0U : 1U;
      }
    }
  }
  EXPECT_EQ(payloads, 2 * connections);
  EXPECT_EQ(workers_of_client.size(), connections);
  std::set<std::size_t> used;
  for (const auto& [client, workers] : workers_of_client) {
    EXPECT_EQ(workers.size(), 1U) << "client port " << client;
    used.insert(workers.begin(), workers.end());
  }
  EXPECT_EQ(used.size(), engines.size());
}

TEST_F(PcapEngine, NamesTheInterfacesThatExist) {
  options.interfaces = {"nosuch0"};
  const auto opened = open_live(options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ExitCode::no_interface);
  EXPECT_THAT(opened.error().message, HasSubstr("'nosuch0'"));
  EXPECT_THAT(opened.error().message, HasSubstr("any, lo"));
}

TEST_F(PcapEngine, NamesABadFilter) {
  options.interfaces = {"lo"};
  options.filter.expression = "tcp prot 80";
  const auto opened = open_live(options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ExitCode::bad_filter);
  EXPECT_THAT(opened.error().message, HasSubstr("tcp prot 80"));
}

TEST_F(PcapEngine, SaysHowToGetThePermission) {
  const auto as_nobody = [&] {
    constexpr uid_t nobody = 65534;
    if (::setuid(nobody) != 0) {
      std::_Exit(1);
    }
    options.interfaces = {"lo"};
    const auto opened = open_live(options);
    if (!opened) {
      std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    }
    std::_Exit(opened ? 0 : static_cast<int>(opened.error().code));
  };
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can become somebody without the permission";
  }
  EXPECT_EXIT(as_nobody(), testing::ExitedWithCode(static_cast<int>(ExitCode::permission)), "setcap cap_net_raw");
}

TEST_F(PcapEngine, ListsInterfaces) {
  make_veth();
  ip("address add 10.9.8.7/24 dev near");
  const auto listed = list_interfaces(ProbeLinkType::yes);
  ASSERT_TRUE(listed);
  std::map<std::string, Interface> by_name;
  for (const Interface& interface : *listed) {
    by_name[interface.name] = interface;
  }
  ASSERT_EQ(by_name.size(), 4U);
  EXPECT_TRUE(by_name.at("lo").loopback && by_name.at("lo").up && !by_name.at("near").loopback);
  EXPECT_TRUE(by_name.at("any").any);
  EXPECT_THAT(by_name.at("near").addresses, Contains(endpoint("10.9.8.7:0").address));
  EXPECT_EQ(by_name.at("near").link_type, link_type::ethernet);
  EXPECT_EQ(by_name.at("any").link_type, link_type::linux_cooked);
}

}  // namespace
}  // namespace understudy
