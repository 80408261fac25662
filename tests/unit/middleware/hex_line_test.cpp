#include "traffic/middleware/hex_line.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

TEST(HexLine, EveryByteComesBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  std::string line;
  append_hex(line, bytes);
  EXPECT_EQ(line.substr(0, 6), "000102");
  EXPECT_TRUE(line.ends_with("fdfeff"));
  EXPECT_EQ(decode_hex(line), bytes);
  for (char& c : line) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  EXPECT_EQ(decode_hex(line), bytes);
}

TEST(HexLine, RefusesWhatIsNoHexadecimal) {
  EXPECT_EQ(decode_hex(""), "");
  for (const std::string_view line : {"0", "0g", "012", " 01", "0x", "01\r"})
    EXPECT_FALSE(decode_hex(line).has_value()) << line;
}

}  // namespace
}  // namespace understudy
