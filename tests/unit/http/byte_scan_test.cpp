// Both block types against a loop over bytes, for every byte value at every place.
#include "traffic/http/byte_scan.hpp"

#include <gtest/gtest.h>

#include <string>

#include "traffic/http/byte_block_portable.hpp"

namespace understudy {
namespace {

bool is_control(unsigned char c) { return c < 0x20 && c != '\t'; }
bool is_name_byte(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}
bool is_visible(unsigned char c) { return c > 0x20 && c < 0x7f; }

template <typename Block>
void check_every_byte_at_every_place() {
  for (const char filler : {'a', '-', '\xff', '\0', '\x7f'}) {
    for (std::size_t place = 0; place < Block::width; ++place) {
      for (unsigned value = 0; value < 256; ++value) {
        std::string bytes(Block::width, filler);
        bytes[place] = static_cast<char>(value);
        const Block block(bytes.data());
        const auto first_of = [](typename Block::Mask mask) { return mask == 0 ? Block::width : Block::first(mask); };
        const auto first_where = [&](auto is_hit) {
          std::size_t at = 0;
          while (at < bytes.size() && !is_hit(static_cast<unsigned char>(bytes[at]))) ++at;
          return at;
        };
        ASSERT_EQ(first_of(block.controls()), first_where(is_control)) << place << ' ' << value;
        ASSERT_EQ(first_of(block.no_name_bytes()), first_where([](unsigned char c) { return !is_name_byte(c); }))
            << place << ' ' << value;
        ASSERT_EQ(first_of(block.no_visible()), first_where([](unsigned char c) { return !is_visible(c); }))
            << place << ' ' << value;
      }
    }
  }
}

TEST(ByteBlock, OfThisProcessor) { check_every_byte_at_every_place<ByteBlock>(); }

TEST(ByteBlock, Portable) { check_every_byte_at_every_place<PortableByteBlock>(); }

TEST(ByteScan, FindsAtAnyLength) {
  for (std::size_t size = 0; size < 40; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      std::string text(size, 'a');
      text[place] = '\r';
      EXPECT_EQ(find_control(text, 0), place);
      EXPECT_EQ(find_control(text, place + 1), size);
      EXPECT_FALSE(all_visible(text));
      EXPECT_LE(skip_name_bytes(text, 0), place);
    }
    EXPECT_TRUE(all_visible(std::string(size, 'a')));
    EXPECT_EQ(find_control(std::string(size, '\t'), 0), size);
  }
}

TEST(ByteScan, Names) {
  EXPECT_TRUE(is_name("Upgrade", "upgrade"));
  EXPECT_TRUE(is_name("KEEP-ALIVE", "keep-alive"));
  EXPECT_TRUE(is_name("Transfer-Encoding", "transfer-encoding"));
  EXPECT_FALSE(is_name("Upgrad", "upgrade"));
  const std::string name = "transfer-encoding";
  for (std::size_t i = 0; i < name.size(); ++i) {
    for (unsigned value = 0x20; value < 256; ++value) {
      std::string other = name;
      other[i] = static_cast<char>(value);
      const bool is_same = value == static_cast<unsigned char>(name[i]) ||
                           (name[i] != '-' && (value | 0x20U) == static_cast<unsigned char>(name[i]));
      EXPECT_EQ(is_name(other, "transfer-encoding"), is_same) << i << ' ' << value;
    }
  }
}

TEST(ByteScan, ListElements) {
  std::string_view list = " a ,, b";
  EXPECT_EQ(take_list_element(list), "a");
  EXPECT_EQ(take_list_element(list), "");
  EXPECT_EQ(take_list_element(list), "b");
  EXPECT_TRUE(list.empty());
}

}  // namespace
}  // namespace understudy
