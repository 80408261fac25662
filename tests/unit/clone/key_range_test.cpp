#include "replay/clone/key_range.hpp"

#include <gtest/gtest.h>

#include "replay/clone/object_copier.hpp"

namespace understudy {
namespace {

TEST(KeyRange, HoldsWhatIsBehindItsStartUpToItsEnd) {
  const KeyRange range{"a/", "a/b", "a/d"};
  EXPECT_FALSE(range.contains("a/b"));
  EXPECT_TRUE(range.contains("a/b/c"));
  EXPECT_TRUE(range.contains("a/d"));
  EXPECT_FALSE(range.contains("a/d/e"));
  EXPECT_FALSE(range.contains("b"));
  EXPECT_TRUE((KeyRange{"a/", "", ""}.contains("a/")));
}

TEST(KeyRange, BytesAreInOrderNotCharacters) {
  const KeyRange range{"", "z", ""};
  EXPECT_TRUE(range.contains("\xC3\xBC"));  // above z, unsigned
}

TEST(KeyRange, PartsOfASplitHoldEveryKeyOnce) {
  const KeyRange whole{"p/", "", ""};
  std::vector<std::string> boundaries, keys{"p/", "p/zz"};
  for (char c = 'a'; c <= 'z'; ++c) {
    boundaries.push_back(std::string("p/") + c + "/");
    keys.push_back(boundaries.back());
    keys.push_back(boundaries.back() + "x");
    keys.push_back(std::string("p/") + c);
  }
  for (std::size_t count = 1; count <= 40; ++count) {
    const auto parts = split(whole, boundaries, count);
    EXPECT_LE(parts.size(), count);
    for (const std::string& key : keys) {
      int holders = 0;
      for (const KeyRange& part : parts) holders += part.contains(key) ? 1 : 0;
      EXPECT_EQ(holders, 1) << key << " of " << count;
    }
  }
  EXPECT_EQ(split(whole, boundaries, 8).size(), 7U);
  EXPECT_EQ(split(whole, boundaries, 1).size(), 1U);
}

TEST(KeyRange, BoundariesOutsideAreNoCuts) {
  EXPECT_EQ(split({"a/", "a/m", "a/p"}, {"a/a/", "a/n/", "a/p", "a/z/"}, 4),
            (std::vector<KeyRange>{{"a/", "a/m", "a/n/"}, {"a/", "a/n/", "a/p"}}));
  EXPECT_EQ(split({"a/", "", ""}, {}, 4).size(), 1U);
}

TEST(KeyMap, PutsAnotherPrefix) {
  const KeyMap map{"prod/", "test/x/"};
  EXPECT_EQ(map("prod/a"), "test/x/a");
  EXPECT_EQ(map(""), "");
  EXPECT_EQ(map(KeyRange{"prod/", "", "prod/b"}), (KeyRange{"test/x/", "", "test/x/b"}));
  EXPECT_EQ((KeyMap{"", "t/"}(KeyRange{"", "", ""})), (KeyRange{"t/", "", ""}));
}

TEST(PartSize, IsThatOfTheToolsWhereItFits) {
  constexpr std::uint64_t mebibyte = 1U << 20U;
  EXPECT_EQ(likely_part_size(100 * mebibyte, 13), 8 * mebibyte);
  EXPECT_EQ(likely_part_size(100 * mebibyte, 20), 5 * mebibyte);
  EXPECT_EQ(likely_part_size(100 * mebibyte, 7), 15 * mebibyte);
  EXPECT_EQ(likely_part_size(42, 1), 42U);
  EXPECT_EQ(likely_part_size(0, 1), 1U);
}

TEST(PartSize, AlwaysMakesThatManyParts) {
  for (std::uint64_t size = 1; size < 3000; size += 7) {
    for (std::uint64_t parts = 1; parts <= std::min<std::uint64_t>(size, 40); ++parts) {
      const std::uint64_t part = likely_part_size(size, parts);
      // Some numbers of parts are none of equal parts at all: 5 bytes in 4.
      if (parts > 1 && (size + parts - 1) / parts > (size - 1) / (parts - 1)) continue;
      EXPECT_EQ((size + part - 1) / part, parts) << size;
    }
  }
}

}  // namespace
}  // namespace understudy
