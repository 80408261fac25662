#include "traffic/http/body.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace understudy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Body, ContentAndWireAreTheSameWithoutFraming) {
  Body body;
  body.append("abc", true, 3);
  body.append("def", true);
  EXPECT_THAT(body.wire_slices(), ElementsAre("abcdef"));
  EXPECT_THAT(body.content_slices(), ElementsAre("abcdef"));
  EXPECT_EQ(body.wire_size(), 6U);
  EXPECT_EQ(body.content_size(), 6U);
  EXPECT_TRUE(body.is_kept());
}

TEST(Body, FramingIsLeftOutOfTheContent) {
  Body body;
  body.append("3\r\n", false);
  body.append("ab", true);
  body.append("c", true);
  body.append("\r\n1\r\n", false);
  body.append("d", true);
  EXPECT_EQ(body.content(), "abcd");
  EXPECT_THAT(body.content_slices(), ElementsAre("abc", "d"));
  EXPECT_THAT(body.wire_slices(), ElementsAre("3\r\nabc\r\n1\r\nd"));
  EXPECT_EQ(body.wire_size(), 12U);
  EXPECT_EQ(body.content_size(), 4U);
}

TEST(Body, FramingBehindContentKeepsTheContent) {
  Body body;
  body.append("ab", true);
  body.append("--", false);
  EXPECT_EQ(body.content(), "ab");
}

TEST(Body, AClaimedLengthReservesOneFirstBlock) {
  Body body;
  body.append("x", true, std::uint64_t{1} << 60);
  EXPECT_LE(body.memory(), std::size_t{66} << 10);
}

TEST(Body, ASmallBodyTakesWhatItNeeds) {
  Body body;
  body.append("abc", true, 97);
  const std::size_t memory = body.memory();
  body.append(std::string(97, 'x'), true);
  EXPECT_EQ(body.memory(), memory);
  EXPECT_LT(memory, 300U);
  EXPECT_EQ(body.wire_slices().size(), 1U);
}

TEST(Body, LargeBodiesGrowWithoutCopies) {
  Body body;
  const std::string piece(1460, 'p');
  std::string whole;
  for (int i = 0; i < 4000; ++i) {
    body.append(piece, true);
    whole += piece;
  }
  EXPECT_EQ(body.content(), whole);
  EXPECT_LE(body.memory(), whole.size() + (std::size_t{1} << 20) + 10000);
}

TEST(Body, CountedBytesAreNotKept) {
  Body body;
  body.count(5, false);
  body.count(7, true);
  EXPECT_EQ(body.wire_size(), 12U);
  EXPECT_EQ(body.content_size(), 7U);
  EXPECT_FALSE(body.is_kept());
  EXPECT_THAT(body.wire_slices(), IsEmpty());
  EXPECT_EQ(body.memory(), 0U);
}

TEST(Body, ForgettingKeepsTheCounts) {
  Body body;
  body.append("abc", true);
  body.forget_bytes();
  body.count(2, true);
  EXPECT_EQ(body.content_size(), 5U);
  EXPECT_FALSE(body.is_kept());
  body.clear();
  EXPECT_TRUE(body.is_kept());
  EXPECT_TRUE(body.empty());
}

TEST(Body, SharedBytesOutliveTheFirstOwner) {
  Body second;
  {
    Body first = Body::of("abc");
    second = first.share();
  }
  EXPECT_EQ(second.content(), "abc");
}

TEST(Body, ReuseWritesOverWhatNobodyShares) {
  Body body;
  body.append("first", true, 95);
  const std::size_t memory = body.memory();
  body.reuse();
  EXPECT_TRUE(body.empty());
  EXPECT_TRUE(body.is_kept());
  EXPECT_EQ(body.content(), "");
  body.append("2nd", true, 10);
  EXPECT_EQ(body.content(), "2nd");
  EXPECT_EQ(body.content_size(), 3U);
  EXPECT_EQ(body.memory(), memory);
}

TEST(Body, ReuseWithFramingBehindIt) {
  Body body;
  body.append("first body of some length", true);
  body.reuse();
  body.append("2\r\n", false);
  body.append("ab", true);
  EXPECT_THAT(body.content_slices(), ElementsAre("ab"));
  body.reuse();
  body.append("plain", true);
  EXPECT_THAT(body.content_slices(), ElementsAre("plain"));
}

TEST(Body, ReuseTakesNewMemoryWhereTheOldIsTooSmall) {
  Body body;
  body.append("x", true);
  body.reuse();
  body.append(std::string(10, 'y'), true, 90);
  body.append(std::string(90, 'z'), true);
  EXPECT_EQ(body.wire_slices().size(), 1U);
  EXPECT_EQ(body.content(), std::string(10, 'y') + std::string(90, 'z'));
}

TEST(Body, ReuseLeavesASharedBodyAlone) {
  Body body;
  body.append("shared", true);
  const Body other = body.share();
  body.reuse();
  body.append("own", true);
  EXPECT_EQ(other.content(), "shared");
  EXPECT_EQ(body.content(), "own");
}

TEST(Body, AReusedBodyMayBeCounted) {
  Body body;
  body.append("kept", true);
  body.reuse();
  body.count(3, true);
  EXPECT_FALSE(body.is_kept());
  EXPECT_EQ(body.wire_size(), 3U);
  EXPECT_EQ(body.memory(), 0U);
}

}  // namespace
}  // namespace understudy
