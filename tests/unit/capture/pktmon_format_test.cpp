#include "agent/capture/pktmon_format.hpp"

#include <gtest/gtest.h>

#include "agent/capture/link_type.hpp"
#include "tests/support/packet_builder.hpp"

namespace understudy {
namespace {

constexpr std::uint32_t packed_size = 40;
constexpr std::uint32_t aligned_size = 48;
constexpr std::uint16_t ethernet = 1;
constexpr std::uint16_t wifi = 2;
constexpr std::uint16_t ip = 3;
constexpr std::uint16_t tcp = 5;
// 2024-01-01T00:00:00Z since 1601 in 100 ns.
constexpr std::uint64_t epoch_ticks = 133'485'408'000'000'000;

void put(Bytes& to, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

// Members as the documentation lists them, packed or at their natural alignment.
Bytes metadata(std::uint32_t size, std::uint16_t type, std::uint32_t drop_reason = 0,
               std::uint64_t ticks = epoch_ticks) {
  const bool is_packed = size == packed_size;
  Bytes bytes(size, 0xcc);
  put(bytes, 0, 77, 8);  // PktGroupId
  put(bytes, 14, type, 2);
  put(bytes, is_packed ? 22 : 24, drop_reason, 4);
  put(bytes, is_packed ? 32 : 40, ticks, 8);
  return bytes;
}

struct Delivery {
  Bytes buffer;
  PktmonDescriptor descriptor;
};

Delivery delivery(const Bytes& data, const Bytes& packet) {
  Delivery made{data, {0, static_cast<std::uint32_t>(data.size()), static_cast<std::uint32_t>(packet.size())}};
  made.buffer.insert(made.buffer.end(), packet.begin(), packet.end());
  return made;
}

std::optional<PktmonPacket> read(const Delivery& from) { return read_pktmon_packet(from.buffer, from.descriptor); }

const Bytes content = {0x45, 1, 2, 3};

TEST(PktmonFormat, ReadsPackedMetadata) {
  const Delivery from = delivery(metadata(packed_size, ip), content);
  const auto packet = read(from);
  ASSERT_TRUE(packet);
  EXPECT_EQ(Bytes(packet->view.data.begin(), packet->view.data.end()), content);
  EXPECT_EQ(packet->view.wire_length, content.size());
  EXPECT_EQ(packet->view.link_type, link_type::raw_ip);
  EXPECT_EQ(packet->view.time, test_epoch());
  EXPECT_FALSE(packet->was_dropped);
}

TEST(PktmonFormat, ReadsAlignedMetadata) {
  const Delivery from = delivery(metadata(aligned_size, ethernet, 5), content);
  const auto packet = read(from);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->view.link_type, link_type::ethernet);
  EXPECT_EQ(packet->view.time, test_epoch());
  EXPECT_TRUE(packet->was_dropped);
}

TEST(PktmonFormat, ReadsMetadataBehindThePacket) {
  Delivery from{content, {static_cast<std::uint32_t>(content.size()), 0, static_cast<std::uint32_t>(content.size())}};
  const Bytes behind = metadata(packed_size, ethernet, 1);
  from.buffer.insert(from.buffer.end(), behind.begin(), behind.end());
  const auto packet = read(from);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->was_dropped);
}

TEST(PktmonFormat, RefusesKindsWithoutIpOrEthernet) {
  EXPECT_FALSE(read(delivery(metadata(packed_size, wifi), content)));
  EXPECT_FALSE(read(delivery(metadata(packed_size, tcp), content)));
  EXPECT_FALSE(read(delivery(metadata(packed_size, 0), content)));
  EXPECT_FALSE(read(delivery(metadata(packed_size, 999), content)));
}

TEST(PktmonFormat, RefusesMetadataOfAnUnknownSize) {
  EXPECT_FALSE(read(delivery(Bytes(packed_size - 1, 1), content)));
  EXPECT_FALSE(read(delivery(Bytes(packed_size + 1, 1), content)));
  EXPECT_FALSE(read(delivery({}, content)));
}

TEST(PktmonFormat, RefusesOffsetsThatLeadOutOfTheBuffer) {
  const Delivery good = delivery(metadata(packed_size, ip), content);
  const auto refused = [&](PktmonDescriptor descriptor) {
    return !read_pktmon_packet(good.buffer, descriptor).has_value();
  };
  const auto size = static_cast<std::uint32_t>(good.buffer.size());
  EXPECT_TRUE(refused({0, packed_size, size}));
  EXPECT_TRUE(refused({0, packed_size, 0xffffffff}));
  EXPECT_TRUE(refused({0, size + 1, 0}));
  EXPECT_TRUE(refused({0, 0xffffffff, 1}));
  EXPECT_TRUE(refused({size, packed_size, 1}));
  EXPECT_TRUE(refused({0xffffffff, packed_size, 1}));
  EXPECT_TRUE(refused({1, packed_size, 1}));
  EXPECT_FALSE(refused({0, packed_size, 0}));
  EXPECT_FALSE(read_pktmon_packet({}, {0, 0, 0}).has_value());
}

TEST(PktmonFormat, GivesTimesOutOfRangeAsNone) {
  for (const std::uint64_t ticks : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}, std::uint64_t{1} << 63}) {
    const Delivery from = delivery(metadata(packed_size, ip, 0, ticks), content);
    const auto packet = read(from);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->view.time, WallTime{});
  }
}

}  // namespace
}  // namespace understudy
