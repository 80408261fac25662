#include "agent/capture/file_engine.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "tests/unit/capture/packet_log.hpp"

namespace understudy {
namespace {

using testing::HasSubstr;

constexpr Nanoseconds long_wait = std::chrono::seconds(10);

std::vector<CapturedPacket> many_packets(std::size_t count) {
  std::vector<CapturedPacket> packets;
  for (std::size_t i = 0; i < count; ++i) {
    TcpPacket packet;
    packet.source = endpoint("10.0.0.1:40000");
    packet.destination = endpoint("10.0.0.2:80");
    packet.sequence = static_cast<std::uint32_t>(i);
    packet.payload = std::string(i % 1400, 'x');
    packets.push_back({ethernet_frame(ip_packet(packet)), test_epoch() + std::chrono::microseconds(i), 0, 1});
  }
  return packets;
}

class FileEngineTest : public testing::Test {
 protected:
  std::string file(const Bytes& bytes) {
    std::string path = testing::TempDir() + "file_engine_test_" + std::to_string(::getpid());
    write_file(path, bytes);
    paths.push_back(path);
    return path;
  }
  ~FileEngineTest() override {
    for (const std::string& path : paths) {
      ::unlink(path.c_str());
    }
  }
  // Polls up to the end, or the error.
  Result<PollOutcome> read_all(Engine& engine) {
    while (true) {
      Result<PollOutcome> outcome = engine.poll(log, long_wait);
      if (!outcome || *outcome == PollOutcome::end) {
        return outcome;
      }
    }
  }

  std::vector<std::string> paths;
  PacketLog log;
};

TEST_F(FileEngineTest, HandsOutEveryPacketOfALargeFile) {
  const std::vector<CapturedPacket> packets = many_packets(20'000);  // several buffers long
  for (const Bytes& bytes : {pcap_file(packets), pcapng_file(packets)}) {
    log.packets.clear();
    auto engine = open_capture_file({file(bytes), ""});
    ASSERT_TRUE(engine);
    const auto outcome = read_all(**engine);
    ASSERT_TRUE(outcome) << outcome.error().message;
    ASSERT_EQ(log.packets.size(), packets.size());
    for (std::size_t i = 0; i < packets.size(); ++i) {
      ASSERT_EQ(log.packets[i].data, packets[i].data);
      ASSERT_EQ(log.packets[i].time, packets[i].time);
    }
    EXPECT_EQ((*engine)->statistics().packets_received, packets.size());
  }
}

TEST_F(FileEngineTest, UsesEveryWholePacketOfATruncatedFile) {
  const std::vector<CapturedPacket> packets = many_packets(10);
  for (const Bytes& whole : {pcap_file(packets), pcapng_file(packets)}) {
    for (std::size_t size = whole.size() - 30; size < whole.size(); ++size) {
      log.packets.clear();
      const std::string path = file(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
      auto engine = open_capture_file({path, ""});
      ASSERT_TRUE(engine);
      const auto outcome = read_all(**engine);
      ASSERT_FALSE(outcome);
      EXPECT_EQ(log.packets.size(), packets.size() - 1);
      EXPECT_EQ(outcome.error().code, ExitCode::capture_damaged);
      EXPECT_THAT(outcome.error().message, HasSubstr(path));
      EXPECT_THAT(outcome.error().message, HasSubstr("offset "));
      EXPECT_EQ((*engine)->poll(log, long_wait), PollOutcome::end);
    }
  }
}

TEST_F(FileEngineTest, TellsSkippedDamageAtTheEnd) {
  Bytes bytes = pcapng_file(many_packets(3));
  // The second packet names an interface that there is none of. 28 bytes of section, 32 of interface, 32 and data
  // before it.
  const std::size_t second = 28 + 32 + 32 + (many_packets(1)[0].data.size() + 3) / 4 * 4;
  bytes[second + 8] = 7;
  auto engine = open_capture_file({file(bytes), ""});
  ASSERT_TRUE(engine);
  const auto outcome = read_all(**engine);
  EXPECT_EQ(log.packets.size(), 2U);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ExitCode::capture_damaged);
  EXPECT_THAT(outcome.error().message, HasSubstr("1 damaged records were skipped"));
  EXPECT_THAT(outcome.error().message, HasSubstr("offset " + std::to_string(second)));
}

TEST_F(FileEngineTest, RefusesWhatCannotBeRead) {
  const std::pair<std::string, const char*> cases[] = {
      {"/nonexistent/capture.pcap", "No such file"},
      {testing::TempDir(), "is a directory"},
      {file({}), "0 bytes"},
  };
  for (const auto& [path, words] : cases) {
    const auto engine = open_capture_file({path, ""});
    ASSERT_FALSE(engine) << path;
    EXPECT_EQ(engine.error().code, ExitCode::capture_unreadable);
    EXPECT_THAT(engine.error().message, HasSubstr(words));
  }
  const auto text = open_capture_file({file(from_hex("48545450")), ""});
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().message, HasSubstr("neither pcap nor pcapng"));
  const auto gzip = open_capture_file({file(from_hex("1f8b0800")), ""});
  ASSERT_FALSE(gzip);
  EXPECT_THAT(gzip.error().message, HasSubstr("gunzip"));
}

TEST_F(FileEngineTest, AppliesTheUsersFilterForEachLinkType) {
  TcpPacket wanted;
  wanted.source = endpoint("10.0.0.1:40000");
  wanted.destination = endpoint("10.0.0.2:80");
  TcpPacket other = wanted;
  other.destination = endpoint("10.0.0.3:80");
  const Bytes bytes = pcapng_file({{ethernet_frame(ip_packet(wanted)), test_epoch(), 0, 1},
                                   {ethernet_frame(ip_packet(other)), test_epoch(), 0, 1},
                                   {ip_packet(wanted), test_epoch(), 0, 101},
                                   {ip_packet(other), test_epoch(), 0, 101}});
  auto engine = open_capture_file({file(bytes), "host 10.0.0.2"});
  ASSERT_TRUE(engine);
  ASSERT_TRUE(read_all(**engine));
  ASSERT_EQ(log.packets.size(), 2U);
  EXPECT_EQ(log.packets[0].link_type, 1);
  EXPECT_EQ(log.packets[1].link_type, 101);
}

TEST_F(FileEngineTest, NamesABadFilter) {
  const auto engine = open_capture_file({file(pcap_file({})), "tcp prot 80"});
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, ExitCode::bad_filter);
  EXPECT_THAT(engine.error().message, HasSubstr("tcp prot 80"));
}

class PipeTest : public FileEngineTest {
 protected:
  PipeTest() {
    const std::string path = testing::TempDir() + "file_engine_test_fifo_" + std::to_string(::getpid());
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    paths.push_back(path);
    writer = ::open(path.c_str(), O_RDWR | O_CLOEXEC);  // both ends, so that neither open waits for the other
    auto opened = open_capture_file({path, ""});
    EXPECT_TRUE(opened);
    engine = *std::move(opened);
  }
  ~PipeTest() override { ::close(writer); }
  void write(const Bytes& bytes) {
    EXPECT_EQ(::write(writer, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  int writer = -1;
  std::unique_ptr<Engine> engine;
};

TEST_F(PipeTest, IsIdleUntilWholePacketsCome) {
  const Bytes bytes = pcap_file(many_packets(2));
  const auto part = [&](std::size_t from, std::size_t to) {
    return Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(to));
  };
  EXPECT_EQ(engine->poll(log, Nanoseconds::zero()), PollOutcome::idle);
  write(part(0, 3));
  EXPECT_EQ(engine->poll(log, Nanoseconds::zero()), PollOutcome::idle);
  write(part(3, bytes.size() - 1));
  EXPECT_EQ(engine->poll(log, long_wait), PollOutcome::packets);
  EXPECT_EQ(log.packets.size(), 1U);
  EXPECT_EQ(engine->poll(log, Nanoseconds::zero()), PollOutcome::idle);
  write(part(bytes.size() - 1, bytes.size()));
  EXPECT_EQ(engine->poll(log, long_wait), PollOutcome::packets);
  EXPECT_EQ(log.packets.size(), 2U);
}

TEST_F(PipeTest, StopEndsAWait) {
  std::thread stopper([&] { engine->stop(); });
  EXPECT_EQ(engine->poll(log, std::chrono::seconds(60)), PollOutcome::end);
  stopper.join();
  EXPECT_EQ(engine->poll(log, long_wait), PollOutcome::end);
}

TEST_F(PipeTest, WhatIsNoCaptureIsToldByPoll) {
  write(from_hex("00000000"));
  const auto outcome = engine->poll(log, long_wait);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ExitCode::capture_unreadable);
}

}  // namespace
}  // namespace understudy
