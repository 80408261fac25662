#include "traffic/base/native_file.hpp"

#include <gtest/gtest.h>

#include "tests/support/files.hpp"

namespace understudy {
namespace {

class NativeFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const char* name) const { return (folder_.path() / name).string(); }
  void write(const std::string& path, std::string_view text) const {
    auto file = NativeFile::create(path);
    ASSERT_TRUE(file) << file.error().text();
    ASSERT_TRUE(file->write(text));
    ASSERT_TRUE(file->close());
  }

  test::TemporaryFolder folder_;
};

TEST_F(NativeFileTest, WhatIsWrittenIsReadAgainByteForByte) {
  const std::string all("a\r\n\x1a\0b\n", 7);  // line ends and Windows' end of a text file among them
  write(path("file"), "longer than what comes next");
  write(path("file"), all);
  auto file = NativeFile::open_to_read(path("file"));
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_EQ(file->kind(), NativeFile::Kind::regular);
  EXPECT_EQ(file->size(), all.size());
  EXPECT_TRUE(file->wait_readable(Nanoseconds::zero()));
  std::string text(100, '\0');
  EXPECT_EQ(file->read(text.data(), text.size()), all.size());
  EXPECT_EQ(text.substr(0, all.size()), all);
  EXPECT_EQ(file->read(text.data(), text.size()), 0U);
  EXPECT_EQ(file->read_at(4, text.data(), text.size()), 3U);
  EXPECT_EQ(text.substr(0, 3), all.substr(4));
  EXPECT_EQ(file->read_at(7, text.data(), text.size()), 0U);
  EXPECT_EQ(file->read_at(1000, text.data(), text.size()), 0U);
}

TEST_F(NativeFileTest, NamesOutsideOfAscii) {
  write(path("aufnahme-\xc3\xa4\xe2\x82\xac.take"), "x");
  EXPECT_TRUE(NativeFile::open_to_read(path("aufnahme-\xc3\xa4\xe2\x82\xac.take")));
  EXPECT_FALSE(NativeFile::open_to_read(path("aufnahme-\xc3\xb6.take")));
}

TEST_F(NativeFileTest, AFolderIsToldApart) {
  const auto file = NativeFile::open_to_read(folder_.path().string());
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_EQ(file->kind(), NativeFile::Kind::folder);
}

TEST_F(NativeFileTest, WhatCannotBeOpenedSaysWhy) {
  const auto missing = NativeFile::open_to_read(path("missing"));
  ASSERT_FALSE(missing);
  EXPECT_FALSE(missing.error().text().empty());
  EXPECT_FALSE(missing.error().is_permission());
  EXPECT_FALSE(missing.error().is_disk_full());
  EXPECT_FALSE(NativeFile::create(path("no-such-folder/file")));
}

}  // namespace
}  // namespace understudy
