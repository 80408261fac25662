// The parts that the flow table is made of, each alone: arithmetic, key and hash, index, buffer.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "agent/reassembly/flow_index.hpp"
#include "agent/reassembly/flow_key.hpp"
#include "agent/reassembly/sequence.hpp"
#include "agent/reassembly/stream_buffer.hpp"

namespace understudy {
namespace {

TEST(Sequence, DistancesAreSigned) {
  EXPECT_EQ(sequence_distance(10, 13), 3);
  EXPECT_EQ(sequence_distance(13, 10), -3);
  EXPECT_EQ(sequence_distance(0xfffffffe, 2), 4);
  EXPECT_EQ(sequence_distance(2, 0xfffffffe), -4);
  EXPECT_EQ(sequence_distance(0, 0x7fffffff), 0x7fffffff);
}

TEST(Sequence, PositionsAreTheNearest) {
  const std::uint64_t at = first_position(0xfffffff0);
  EXPECT_EQ(position_near(0xfffffff0, at), at);
  EXPECT_EQ(position_near(0x10, at), at + 0x20);
  EXPECT_EQ(position_near(0xffffff00, at + 0x200), at - 0xf0);
  EXPECT_EQ(static_cast<std::uint32_t>(position_near(0x12345678, at)), 0x12345678u);
  EXPECT_EQ(position_near(0x80000001, first_position(0)), first_position(0) - 0x7fffffff);
}

TcpSegment segment_between(const char* source, std::uint16_t source_port, const char* destination,
                           std::uint16_t destination_port) {
  TcpSegment segment;
  segment.source = {*IpAddress::parse(source), source_port};
  segment.destination = {*IpAddress::parse(destination), destination_port};
  return segment;
}

TEST(FlowKey, BothDirectionsMeet) {
  const FlowHash hash;
  const FlowKey one = FlowKey::of(segment_between("10.0.0.1", 1234, "10.0.0.2", 80));
  const FlowKey other = FlowKey::of(segment_between("10.0.0.2", 80, "10.0.0.1", 1234));
  EXPECT_TRUE(one.same_way_as(one));
  EXPECT_FALSE(one.same_way_as(other));
  EXPECT_TRUE(one.reverse_of(other));
  EXPECT_FALSE(one.reverse_of(one));
  EXPECT_EQ(hash(one), hash(other));
}

TEST(FlowKey, EveryPartMatters) {
  const FlowHash hash;
  TcpSegment virtual_network = segment_between("10.0.0.1", 1234, "10.0.0.2", 80);
  virtual_network.network = 1;
  const FlowKey base = FlowKey::of(segment_between("10.0.0.1", 1234, "10.0.0.2", 80));
  for (const TcpSegment& segment :
       {segment_between("10.0.0.1", 1235, "10.0.0.2", 80), segment_between("10.0.0.1", 1234, "10.0.0.2", 81),
        segment_between("10.0.0.3", 1234, "10.0.0.2", 80), segment_between("10.0.0.1", 80, "10.0.0.2", 1234),
        segment_between("a00:1::", 1234, "10.0.0.2", 80), segment_between("a00:1::", 1234, "a00:2::", 80),
        virtual_network}) {
    const FlowKey key = FlowKey::of(segment);
    EXPECT_FALSE(base.same_way_as(key) || base.reverse_of(key));
    EXPECT_NE(hash(base), hash(key));
  }
}

TEST(FlowKey, EndpointsComeBackWhole) {
  const TcpSegment segment = segment_between("2001:db8::7", 65535, "192.0.2.1", 1);
  const FlowKey key = FlowKey::of(segment);
  EXPECT_EQ(key.first.endpoint(), segment.source);
  EXPECT_EQ(key.second.endpoint(), segment.destination);
}

TEST(FlowHash, EachHasASeedOfItsOwn) {
  const FlowKey key = FlowKey::of(segment_between("10.0.0.1", 1234, "10.0.0.2", 80));
  EXPECT_NE(FlowHash()(key), FlowHash()(key));
}

TEST(FlowHash, ClientsThatDifferByPortSpread) {
  const FlowHash hash;
  std::vector<int> buckets(1024);
  for (std::uint16_t port = 0; port < 10240; ++port) {
    ++buckets[hash(FlowKey::of(segment_between("10.0.0.1", port, "10.0.0.2", 80))) & 1023];
  }
  // 10 are expected in each; 40 has a probability far below 1e-9 for a random function.
  EXPECT_LT(*std::max_element(buckets.begin(), buckets.end()), 40);
}

// The index against a plain map, with hashes that collide a lot.
TEST(FlowIndex, FindsWhatWasInsertedAndNotErased) {
  constexpr std::uint32_t slots = 64;
  FlowIndex index(slots);
  std::map<std::uint32_t, std::uint64_t> expected;
  std::mt19937 random(1);
  for (int step = 0; step < 100'000; ++step) {
    const std::uint32_t slot = random() % slots;
    const auto found = expected.find(slot);
    if (found == expected.end()) {
      const std::uint64_t hash = random() % 24 * 0x10001;  // few homes, all over the table, some wrap around its end
      index.insert(hash, slot);
      expected[slot] = hash;
    } else if (random() % 2 == 0) {
      index.erase(found->second, slot);
      expected.erase(found);
    }
    const std::uint32_t probe = random() % slots;
    const auto probed = expected.find(probe);
    const std::uint64_t hash = probed == expected.end() ? random() % 24 * 0x10001 : probed->second;
    const std::uint32_t got = index.find(hash, [&](std::uint32_t each) { return each == probe; });
    ASSERT_EQ(got, probed == expected.end() ? FlowIndex::none : probe) << step;
  }
}

TEST(StreamBuffer, NothingOverlapsAndStoresNothing) {
  StreamBuffer buffer;
  const std::vector<std::uint8_t> data(10, 'x');
  EXPECT_EQ(buffer.insert(100, data), 10U);
  EXPECT_EQ(buffer.compare(105, ByteView()).bytes, 0U);
  EXPECT_EQ(buffer.insert(105, ByteView()), 0U);
  EXPECT_FALSE(buffer.compare(105, ByteView()).differs);
}

// The buffer against an array of bytes that says of each position what the first copy was.
TEST(StreamBuffer, HoldsTheFirstCopyOfEveryByte) {
  constexpr std::size_t size = 64;
  std::mt19937 random(2);
  for (int round = 0; round < 2000; ++round) {
    StreamBuffer buffer;
    std::vector<std::optional<int>> model(size);  // -1: truncated
    for (int step = 0; step < 12; ++step) {
      const std::uint64_t begin = random() % (size - 1);
      const std::uint64_t length = 1 + random() % std::min<std::uint64_t>(16, size - begin);
      if (random() % 4 == 0) {
        buffer.insert_truncated(1000 + begin, 1000 + begin + length);
        for (std::uint64_t at = begin; at < begin + length; ++at) {
          model[at] = model[at].value_or(-1);
        }
        continue;
      }
      std::vector<std::uint8_t> data(length);
      std::uint64_t stored = 0;
      bool differs = false;
      for (std::uint64_t at = begin; at < begin + length; ++at) {
        data[at - begin] = static_cast<std::uint8_t>(random() % 3);
        const bool real = model[at].value_or(-1) != -1;
        stored += real ? 1 : 0;
        differs |= real && *model[at] != data[at - begin];
        model[at] = real ? *model[at] : data[at - begin];
      }
      const StreamBuffer::Overlap overlap = buffer.compare(1000 + begin, data);
      ASSERT_EQ(overlap.bytes, stored);
      ASSERT_EQ(overlap.differs, differs);
      ASSERT_EQ(buffer.insert(1000 + begin, data), length - stored);
    }
    std::vector<std::optional<int>> got(size);
    std::uint64_t last_end = 0;
    while (!buffer.empty()) {
      const StreamBuffer::Front front = buffer.front();
      ASSERT_GE(front.begin, last_end);
      ASSERT_LT(front.begin, front.end);
      ASSERT_TRUE(front.truncated() || front.bytes.size() == front.end - front.begin);
      for (std::uint64_t at = front.begin; at < front.end; ++at) {
        got[at - 1000] = front.truncated() ? -1 : front.bytes[at - front.begin];
      }
      last_end = front.end;
      buffer.pop_front();
    }
    ASSERT_EQ(got, model) << round;
    ASSERT_EQ(buffer.charge(), 0u);
  }
}

TEST(StreamBuffer, ChargesWhatItHolds) {
  StreamBuffer buffer;
  const std::vector<std::uint8_t> data(100);
  buffer.insert(1000, data);
  EXPECT_EQ(buffer.charge(), 100 + StreamBuffer::chunk_overhead_bytes);
  buffer.insert(1050, data);
  EXPECT_EQ(buffer.charge(), 150 + 2 * StreamBuffer::chunk_overhead_bytes);
  buffer.insert_truncated(2000, 3000);
  EXPECT_EQ(buffer.charge(), 150 + 3 * StreamBuffer::chunk_overhead_bytes);
  buffer.pop_front();
  EXPECT_EQ(buffer.charge(), 50 + 2 * StreamBuffer::chunk_overhead_bytes);
}

TEST(StreamBuffer, TrimsATruncatedFront) {
  StreamBuffer buffer;
  buffer.insert_truncated(1000, 1010);
  buffer.trim_truncated_front(1004);
  EXPECT_EQ(buffer.front().begin, 1004u);
  EXPECT_EQ(buffer.front().end, 1010u);
  buffer.trim_truncated_front(1010);
  EXPECT_TRUE(buffer.empty());
}

}  // namespace
}  // namespace understudy
