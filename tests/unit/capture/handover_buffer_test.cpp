#include "agent/capture/handover_buffer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "tests/support/packet_builder.hpp"

namespace understudy {
namespace {

class Collector final : public PacketHandler {
 public:
  void on_packet(const PacketView& packet) override {
    packets.push_back({{packet.data.begin(), packet.data.end()}, packet.time, packet.wire_length, packet.link_type});
  }
  std::vector<CapturedPacket> packets;
};

bool push(HandoverBuffer& buffer, const Bytes& bytes, bool* was_empty = nullptr) {
  bool first = false;
  const bool taken = buffer.push({bytes, 1500, 101, test_epoch()}, first);
  if (was_empty != nullptr) *was_empty = first;
  return taken;
}

TEST(HandoverBuffer, GivesBackWhatWasPushedInOrder) {
  HandoverBuffer buffer(4096);
  bool was_empty = false;
  EXPECT_TRUE(push(buffer, {1, 2, 3}, &was_empty));
  EXPECT_TRUE(was_empty);
  EXPECT_TRUE(push(buffer, {}, &was_empty));
  EXPECT_FALSE(was_empty);
  EXPECT_TRUE(push(buffer, {4}));
  Collector collected;
  EXPECT_EQ(buffer.drain(collected), 3U);
  ASSERT_EQ(collected.packets.size(), 3U);
  EXPECT_EQ(collected.packets[0].data, (Bytes{1, 2, 3}));
  EXPECT_EQ(collected.packets[0].wire_length, 1500U);
  EXPECT_EQ(collected.packets[0].link_type, 101);
  EXPECT_EQ(collected.packets[0].time, test_epoch());
  EXPECT_TRUE(collected.packets[1].data.empty());
  EXPECT_EQ(collected.packets[2].data, Bytes{4});
  EXPECT_EQ(buffer.drain(collected), 0U);
  EXPECT_TRUE(push(buffer, {5}, &was_empty));
  EXPECT_TRUE(was_empty);
}

TEST(HandoverBuffer, RefusesAndCountsWhatHasNoRoom) {
  HandoverBuffer buffer(300);
  const Bytes packet(100, 7);
  EXPECT_TRUE(push(buffer, packet));
  EXPECT_TRUE(push(buffer, packet));
  EXPECT_FALSE(push(buffer, packet));
  EXPECT_FALSE(push(buffer, packet));
  EXPECT_EQ(buffer.dropped(), 2U);
  Collector collected;
  EXPECT_EQ(buffer.drain(collected), 2U);
  EXPECT_TRUE(push(buffer, packet));
  EXPECT_EQ(buffer.dropped(), 2U);
}

TEST(HandoverBuffer, RefusesWhatNeverFits) {
  HandoverBuffer buffer(64);
  EXPECT_FALSE(push(buffer, Bytes(100, 7)));
  HandoverBuffer none(0);
  EXPECT_FALSE(push(none, {}));
}

TEST(HandoverBuffer, LosesNothingBetweenTwoThreads) {
  constexpr std::size_t count = 50'000;
  HandoverBuffer buffer(std::size_t{64} << 20);
  std::thread other([&buffer] {
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_TRUE(push(buffer, {static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)}));
    }
  });
  Collector collected;
  while (collected.packets.size() < count) buffer.drain(collected);
  other.join();
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(collected.packets[i].data, (Bytes{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)}));
  }
}

}  // namespace
}  // namespace understudy
