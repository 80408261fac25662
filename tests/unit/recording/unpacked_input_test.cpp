#include "traffic/recording/unpacked_input.hpp"

#include <random>

#include "tests/support/files.hpp"
#include "tests/unit/recording/recorded.hpp"

namespace understudy {
namespace {

using test::gzip;
using test::input_of;

std::string text_of(UnpackedInput& input) {
  std::string text;
  while (true) {
    const auto more = input.fill(1000);
    EXPECT_TRUE(more.has_value());
    const std::string_view window = input.buffered();
    if (window.empty()) return text;
    text += window;
    input.consume(window.size());
  }
}

std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(generator());
  return text;
}

TEST(UnpackedInput, PlainTextIsItself) {
  for (const std::size_t size : {0U, 1U, 9U, 11U, 65'536U, 300'000U}) {
    const std::string text = noise(size, 1);
    auto input = input_of(text);
    EXPECT_EQ(text_of(*input), text);
    EXPECT_EQ(input->position(), size);
    EXPECT_EQ(input->bytes_read(), size);
    EXPECT_FALSE(input->take_damage().has_value());
  }
}

TEST(UnpackedInput, MembersFollowOneAnother) {
  const std::string a = noise(200'000, 2);
  const std::string b = noise(70'000, 3);
  auto input = input_of(gzip(a) + gzip("") + gzip(b) + std::string(512, '\0'));
  EXPECT_EQ(text_of(*input), a + b);
  EXPECT_FALSE(input->take_damage().has_value());
}

TEST(UnpackedInput, AMemberThatIsCutGivesWhatItHas) {
  const std::string text = noise(200'000, 4);
  std::string packed = gzip(text);
  packed.resize(packed.size() / 2);
  auto input = input_of(packed);
  const std::string given = text_of(*input);
  EXPECT_EQ(given, text.substr(0, given.size()));
  EXPECT_GT(given.size(), 90'000U);
  EXPECT_TRUE(input->take_damage().has_value());
  EXPECT_FALSE(input->take_damage().has_value());
}

TEST(UnpackedInput, TheMemberBehindADamagedOneIsFound) {
  const std::string a = noise(100'000, 5);
  const std::string b = noise(100'000, 6);
  std::string packed = gzip(a);
  const std::size_t second = packed.size();
  packed += gzip(b);
  packed[second / 2] = static_cast<char>(packed[second / 2] ^ 0x55);
  for (std::size_t i = second / 2 + 1; i < second; ++i) packed[i] = '\x7f';
  auto input = input_of(packed);
  const std::string given = text_of(*input);
  EXPECT_TRUE(given.ends_with(b));
  EXPECT_TRUE(input->take_damage().has_value());
}

TEST(UnpackedInput, GarbageBehindTheLastMemberIsDamage) {
  auto input = input_of(gzip("hello") + "this is no member");
  EXPECT_EQ(text_of(*input), "hello");
  EXPECT_TRUE(input->take_damage().has_value());
}

TEST(UnpackedInput, AWindowGrowsAsItIsAskedTo) {
  std::string text = noise(500'000, 7);
  auto input = input_of(gzip(text));
  ASSERT_EQ(input->fill(300'000), true);
  EXPECT_EQ(input->buffered().substr(0, 300'000), std::string_view(text).substr(0, 300'000));
  input->consume(299'999);
  ASSERT_EQ(input->fill(200'001), true);
  EXPECT_EQ(input->buffered().substr(0, 200'001), std::string_view(text).substr(299'999, 200'001));
  EXPECT_EQ(input->fill(200'002), false);
  EXPECT_EQ(input->position(), 299'999U);
}

TEST(UnpackedInput, WhatCannotBeOpenedIsAnError) {
  const test::TemporaryFolder folder;
  const auto missing = UnpackedInput::open((folder.path() / "none").string());
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ExitCode::recording_unreadable);
  EXPECT_NE(missing.error().message.find("none"), std::string::npos);
  const auto a_folder = UnpackedInput::open(folder.path().string());
  ASSERT_FALSE(a_folder.has_value());
  EXPECT_EQ(a_folder.error().code, ExitCode::recording_unreadable);
}

}  // namespace
}  // namespace understudy
