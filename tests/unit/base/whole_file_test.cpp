#include "traffic/base/whole_file.hpp"

#include <gtest/gtest.h>

#include "tests/support/files.hpp"
#include "traffic/base/file_lock.hpp"

namespace understudy {
namespace {

using test::content_of;

class WholeFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const char* name) const { return (folder_.path() / name).string(); }
  void write(const char* name, std::string_view text) const {
    ASSERT_TRUE(write_new_file(path(name), text, FileAccess::owner, FileSafety::machine));
  }

  test::TemporaryFolder folder_;
};

TEST_F(WholeFileTest, IsWrittenOnceAndReadAsAWhole) {
  write("a", "one\r\ntwo\x1a");
  EXPECT_EQ(content_of(path("a")), "one\r\ntwo\x1a");
  EXPECT_FALSE(write_new_file(path("a"), "other", FileAccess::everyone, FileSafety::process));
  EXPECT_EQ(read_whole_file(path("a"), 9)->value(), "one\r\ntwo\x1a");
  EXPECT_FALSE(read_whole_file(path("a"), 8));  // larger
  EXPECT_EQ(read_whole_file(path("missing"), 9).value(), std::nullopt);
  EXPECT_EQ(read_whole_file(path("missing/too"), 9).value(), std::nullopt);
}

TEST_F(WholeFileTest, ReplacesWhatIsThereAndPlacesOnlyWhereNothingIs) {
  write("a", "old");
  write("b", "new");
  ASSERT_TRUE(replace_file(path("b"), path("a")));
  EXPECT_EQ(content_of(path("a")), "new");
  EXPECT_FALSE(std::filesystem::exists(path("b")));
  write("c", "late");
  EXPECT_EQ(place_file(path("c"), path("a")), false);
  EXPECT_EQ(content_of(path("a")), "new");
  EXPECT_FALSE(std::filesystem::exists(path("c")));
  write("d", "first");
  EXPECT_EQ(place_file(path("d"), path("e")), true);
  EXPECT_EQ(content_of(path("e")), "first");
  EXPECT_FALSE(replace_file(path("missing"), path("a")));
}

TEST_F(WholeFileTest, RemovesWhatIsThere) {
  write("a", "x");
  EXPECT_TRUE(remove_file(path("a")));
  EXPECT_TRUE(remove_file(path("a")));
  EXPECT_FALSE(std::filesystem::exists(path("a")));
}

TEST_F(WholeFileTest, MakesAFolderOnce) {
  EXPECT_EQ(create_private_folder(path("folder")), true);
  EXPECT_EQ(create_private_folder(path("folder")), false);
  EXPECT_FALSE(create_private_folder(path("missing/folder")));
  ASSERT_TRUE(write_new_file(path("folder/file"), "x", FileAccess::everyone, FileSafety::process));
}

TEST_F(WholeFileTest, ALockIsHeldByOne) {
  auto first = FileLock::take(path("lock"));
  ASSERT_TRUE(first && *first);
  const auto second = FileLock::take(path("lock"));
  ASSERT_TRUE(second) << second.error().text();
  EXPECT_EQ(*second, nullptr);
  first->reset();
  EXPECT_NE(*FileLock::take(path("lock")), nullptr);
  EXPECT_FALSE(FileLock::take(path("missing/lock")));
}

}  // namespace
}  // namespace understudy
