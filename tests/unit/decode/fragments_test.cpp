#include "agent/decode/fragments.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/packet_builder.hpp"

namespace understudy {
namespace {

class Fragments : public testing::Test {
 protected:
  FragmentOutcome add(std::uint32_t offset, std::string_view data, bool more, std::uint32_t identification = 1,
                      Nanoseconds after = Nanoseconds::zero()) {
    FragmentKey key;
    key.identification = identification;
    return reassembly->add(key, {offset, more, 6, as_bytes(data)}, test_epoch() + after);
  }
  [[nodiscard]] std::string datagram() const { return std::string(as_text(reassembly->datagram())); }
  void limit(const FragmentLimits& limits) { reassembly = std::make_unique<FragmentReassembly>(limits, statistics); }

  DecodeStatistics statistics;
  std::unique_ptr<FragmentReassembly> reassembly = std::make_unique<FragmentReassembly>(FragmentLimits{}, statistics);
};

TEST_F(Fragments, FirstCopyOfOverlappingBytesWins) {
  EXPECT_EQ(add(8, "BBBBBBBB", true), FragmentOutcome::held);
  EXPECT_EQ(add(24, "DDDDDDDD", true), FragmentOutcome::held);
  EXPECT_EQ(add(0, std::string(32, 'x'), true), FragmentOutcome::held);  // fills both holes
  EXPECT_EQ(add(28, "zzzzzz", false), FragmentOutcome::complete);
  EXPECT_EQ(datagram(), "xxxxxxxxBBBBBBBBxxxxxxxxDDDDDDDDzz");
  EXPECT_EQ(statistics.fragments_overlapping.value(), 2U);
  EXPECT_EQ(reassembly->bytes(), 0U);
}

TEST_F(Fragments, ContradictionsAreNotBelieved) {
  EXPECT_EQ(add(16, "last", false), FragmentOutcome::held);
  EXPECT_EQ(add(16, "longer", false), FragmentOutcome::malformed);
  EXPECT_EQ(add(16, "12345678", true), FragmentOutcome::malformed);
  EXPECT_EQ(add(8, "1234567", true), FragmentOutcome::malformed);  // not a multiple of 8
  EXPECT_EQ(add(0, "", false), FragmentOutcome::malformed);
  EXPECT_EQ(add(65528, "12345678", false), FragmentOutcome::malformed);
  EXPECT_EQ(add(0, "aaaaaaaabbbbbbbb", true), FragmentOutcome::complete);
  EXPECT_EQ(datagram(), "aaaaaaaabbbbbbbblast");
}

TEST_F(Fragments, AnEndInFrontOfWhatCameIsMalformed) {
  EXPECT_EQ(add(64, "12345678", true), FragmentOutcome::held);
  EXPECT_EQ(add(8, "1234", false), FragmentOutcome::malformed);
}

TEST_F(Fragments, OldOnesAreGivenUpByPacketTime) {
  EXPECT_EQ(add(0, "12345678", true, 1), FragmentOutcome::held);
  EXPECT_EQ(add(0, "12345678", true, 2, std::chrono::seconds(20)), FragmentOutcome::held);
  EXPECT_EQ(add(0, "12345678", true, 3, std::chrono::seconds(31)), FragmentOutcome::held);
  EXPECT_EQ(reassembly->datagrams(), 2U);
  EXPECT_EQ(statistics.datagrams_expired.value(), 1U);
}

TEST_F(Fragments, TheOldestMakesRoom) {
  FragmentLimits limits;
  limits.datagrams_max = 2;
  limit(limits);
  for (std::uint32_t id = 1; id <= 3; ++id) {
    EXPECT_EQ(add(0, "12345678", true, id), FragmentOutcome::held);
  }
  EXPECT_EQ(add(8, "x", false, 3), FragmentOutcome::complete);
  EXPECT_EQ(add(8, "x", false, 1), FragmentOutcome::held);  // its beginning is gone
  EXPECT_EQ(statistics.datagrams_expired.value(), 1U);
}

TEST_F(Fragments, MemoryStaysBelowItsLimit) {
  FragmentLimits limits;
  limits.bytes_max = 10'000;
  limit(limits);
  const std::string data(800, 'x');
  for (std::uint32_t id = 0; id < 1000; ++id) {
    EXPECT_EQ(add(id % 50 * 800, data, true, id % 100), FragmentOutcome::held);
    ASSERT_LE(reassembly->bytes(), limits.bytes_max);
  }
  EXPECT_GT(statistics.datagrams_expired.value(), 900U);
}

TEST_F(Fragments, ADatagramAboveTheLimitIsRefused) {
  FragmentLimits limits;
  limits.bytes_max = 2000;
  limit(limits);
  EXPECT_EQ(add(0, std::string(1600, 'x'), true), FragmentOutcome::held);
  EXPECT_EQ(add(1600, std::string(1600, 'x'), true), FragmentOutcome::limit);
  EXPECT_LE(reassembly->bytes(), limits.bytes_max);
}

TEST_F(Fragments, PiecesOfADatagramAreCounted) {
  FragmentLimits limits;
  limits.pieces_max = 4;
  limit(limits);
  for (std::uint32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(add(i * 16, "12345678", true), FragmentOutcome::held);
  }
  EXPECT_EQ(add(4 * 16, "12345678", true), FragmentOutcome::limit);
}

}  // namespace
}  // namespace understudy
