#include "traffic/recording/append_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "tests/support/file_size_limit.hpp"
#include "tests/support/files.hpp"

namespace understudy {
namespace {

using test::content_of;
using test::FileSizeLimit;

class AppendFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<AppendFile> open() const {
    auto file = AppendFile::open(path_.string());
    EXPECT_TRUE(file) << (file ? "" : file.error().message);
    return std::move(file).value();
  }
  static std::uint64_t add(AppendFile& file, std::string_view text) {
    EXPECT_TRUE(file.append(text));
    return file.commit();
  }
  static std::string refusal(const std::string& path) {
    const auto file = AppendFile::open(path);
    if (file) return "accepted";
    EXPECT_EQ(file.error().code, ExitCode::output_failed);
    return file.error().message;
  }

  test::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "out";
};

TEST_F(AppendFileTest, AppendsAndNeverTruncates) {
  std::ofstream(path_) << "before\n";
  {
    const auto file = open();
    EXPECT_EQ(add(*file, "one\n"), 4U);
    EXPECT_EQ(file->written(), 0U);
    EXPECT_EQ(content_of(path_), "before\n");
    EXPECT_TRUE(file->flush());
    EXPECT_EQ(file->written(), 4U);
  }
  EXPECT_EQ(content_of(path_), "before\none\n");
}

TEST_F(AppendFileTest, OthersMayNotReadWhatItCreates) {
  static_cast<void>(open());
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & (S_IRWXO | S_IWGRP | S_IXGRP | S_IXUSR), 0U);
}

TEST_F(AppendFileTest, EndsALineThatACrashLeftOpen) {
  std::ofstream(path_) << "whole\n{\"half\":";
  {
    const auto file = open();
    const std::uint64_t end = add(*file, "one\n");
    EXPECT_TRUE(file->flush());
    EXPECT_EQ(file->written(), end);
  }
  EXPECT_EQ(content_of(path_), "whole\n{\"half\":\none\n");
}

TEST_F(AppendFileTest, TheOpenLineIsEndedAfterAFailureAsWell) {
  std::ofstream(path_) << "half";
  const auto file = open();
  {
    const FileSizeLimit limit(6);
    add(*file, "one\n");
    EXPECT_FALSE(file->flush());
    file->rewind(0);
    EXPECT_EQ(content_of(path_), "half");
  }
  add(*file, "two\n");
  EXPECT_TRUE(file->flush());
  EXPECT_EQ(content_of(path_), "half\ntwo\n");
}

TEST_F(AppendFileTest, AFullDiskLeavesWholeRecordsOnly) {
  std::ofstream(path_) << "before\n";
  const auto file = open();
  const FileSizeLimit limit(7 + 4 + 4 + 2);
  const std::uint64_t first = add(*file, "one\n");
  const std::uint64_t second = add(*file, "two\n");
  const std::uint64_t third = add(*file, "three\n");
  EXPECT_FALSE(file->flush());
  EXPECT_EQ(file->failure(), WriteFailure::disk_full);
  EXPECT_EQ(file->failure_text(), "File too large");
  EXPECT_EQ(file->written(), 10U);  // half of the third
  EXPECT_LT(second, file->written());
  EXPECT_LT(file->written(), third);
  EXPECT_FALSE(file->append("more"));
  file->rewind(second);
  EXPECT_EQ(content_of(path_), "before\none\ntwo\n");
  limit.set(RLIM_INFINITY);
  EXPECT_EQ(add(*file, "three\n"), third);
  EXPECT_TRUE(file->flush());
  EXPECT_EQ(content_of(path_), "before\none\ntwo\nthree\n");
  EXPECT_LT(first, second);
}

TEST_F(AppendFileTest, LargePiecesGoPastTheBuffer) {
  const std::string large(AppendFile::buffer_size + 1, 'x');
  const auto file = open();
  EXPECT_TRUE(file->append("a"));
  EXPECT_TRUE(file->append(large));
  EXPECT_EQ(content_of(path_), "a" + large);
  EXPECT_EQ(file->commit(), large.size() + 1);
}

TEST_F(AppendFileTest, AFileThatSomebodyElseCutIsNotCutAgain) {
  const auto file = open();
  const std::uint64_t first = add(*file, "one\n");
  EXPECT_TRUE(file->flush());
  const FileSizeLimit limit(4 + 5);
  add(*file, "a longer record\n");
  EXPECT_FALSE(file->flush());
  ASSERT_EQ(truncate(path_.c_str(), 2), 0);  // as copytruncate of logrotate does
  file->rewind(first);
  EXPECT_EQ(content_of(path_), "on");
  limit.set(RLIM_INFINITY);
  add(*file, "two\n");
  EXPECT_TRUE(file->flush());
  EXPECT_EQ(content_of(path_), "on\ntwo\n");
}

TEST_F(AppendFileTest, ADeviceThatIsFull) {
  auto file = AppendFile::open("/dev/full").value();
  EXPECT_TRUE(file->append("one\n"));
  EXPECT_FALSE(file->flush());
  EXPECT_EQ(file->failure(), WriteFailure::disk_full);
  EXPECT_EQ(file->failure_text(), "No space left on device");
  file->rewind(0);
  EXPECT_EQ(file->failure(), WriteFailure::none);
  EXPECT_TRUE(file->append("one\n"));
}

TEST_F(AppendFileTest, APipeWithASlowReaderWaitsUntilInterrupted) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  const auto file = open();
  std::thread writer([&] {
    EXPECT_FALSE(file->append(std::string(10 << 20, 'x')));
    EXPECT_EQ(file->failure(), WriteFailure::interrupted);
  });
  file->interrupt();
  writer.join();
  ::close(reader);
}

TEST_F(AppendFileTest, APipeThatIsReadGetsEverything) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  ASSERT_EQ(fcntl(reader, F_SETFL, 0), 0);
  auto file = open();
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i) + "\n";
  std::thread writer([&] {
    EXPECT_TRUE(file->append(text));
    EXPECT_TRUE(file->flush());
    file.reset();
  });
  std::string received;
  char piece[5000];
  for (ssize_t count = 0; (count = ::read(reader, piece, sizeof piece)) > 0;) {
    received.append(piece, static_cast<std::size_t>(count));
  }
  writer.join();
  ::close(reader);
  EXPECT_EQ(received, text);
}

TEST_F(AppendFileTest, APipeWhoseReaderHasGoneFails) {
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK);
  const auto file = open();
  ::close(reader);
  EXPECT_TRUE(file->append("one\n"));
  EXPECT_FALSE(file->flush());
  EXPECT_EQ(file->failure(), WriteFailure::other);
}

TEST_F(AppendFileTest, RefusalsSayWhatToDo) {
  EXPECT_EQ(
      refusal("/nonexistent/folder/out"),
      "cannot open the recording '/nonexistent/folder/out' for appending: No such file or directory. Check that its "
      "folder exists and that this user may write there");
  EXPECT_NE(refusal(folder_.path().string()).find("Is a directory"), std::string::npos);
  ASSERT_EQ(mkfifo((folder_.path() / "fifo").c_str(), 0600), 0);
  EXPECT_NE(refusal((folder_.path() / "fifo").string()).find("cannot open"), std::string::npos);  // nobody reads it
  const auto file = open();
  EXPECT_NE(refusal(path_.string()).find("another process is recording into it"), std::string::npos);
}

}  // namespace
}  // namespace understudy
