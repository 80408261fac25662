#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <set>

#include "replay/report/reports.hpp"
#include "sample_run.hpp"
#include "tests/support/file_size_limit.hpp"
#include "tests/support/files.hpp"

namespace understudy {
namespace {

namespace fs = std::filesystem;
using test::content_of;
using test::sample_run;

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

const std::set<std::string> all_names = {"summary.txt", "result.json",  "seconds.csv",  "routes.csv",
                                         "junit.xml",   "latency.hgrm", "latency.hlog", "result.html"};

TEST(WriteResults, CreatesTheFolderAndEveryFile) {
  const test::TemporaryFolder base;
  const fs::path folder = base.path() / "a" / "b";
  const RunResult result = sample_run();
  ASSERT_TRUE(write_results(folder.string(), result));
  EXPECT_EQ(names_in(folder), all_names);
  EXPECT_EQ(content_of(folder / "summary.txt"), summary_text(result));
  EXPECT_EQ(content_of(folder / "result.json"), result_json(result) + "\n");
  struct stat status {};
  ASSERT_EQ(::stat((folder / "junit.xml").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0644U);
}

TEST(WriteResults, ReplacesThoseOfAnEarlierRunAndLeavesOtherFilesAlone) {
  const test::TemporaryFolder base;
  const std::string folder = base.path().string();
  std::ofstream(base.path() / "notes.txt") << "mine";
  std::ofstream(base.path() / "summary.txt") << "old";
  ASSERT_TRUE(write_results(folder, sample_run()));
  ASSERT_TRUE(write_results(folder, sample_run()));
  EXPECT_EQ(content_of(base.path() / "notes.txt"), "mine");
  EXPECT_NE(content_of(base.path() / "summary.txt"), "old");
  EXPECT_EQ(names_in(base.path()).size(), all_names.size() + 1);
}

TEST(WriteResults, AFullDiskIsOneErrorAndLeavesNothingHalf) {
  const test::TemporaryFolder base;
  const std::string folder = base.path().string();
  std::ofstream(base.path() / "summary.txt") << "old";
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  Result<void> written;
  {
    const test::FileSizeLimit limit(summary_text(sample_run()).size() + 100);  // the summary fits, the JSON does not
    written = write_results(folder, sample_run());
  }
  std::signal(SIGXFSZ, before);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ExitCode::output_failed);
  EXPECT_EQ(
      written.error().message,
      "cannot write " + folder + "/result.json: File too large; free some room, or name another folder with --out");
  EXPECT_EQ(names_in(base.path()), std::set<std::string>{"summary.txt"});
  EXPECT_EQ(content_of(base.path() / "summary.txt"), "old");
}

TEST(WriteResults, AFolderThatCannotBeIsRefused) {
  const test::TemporaryFolder base;
  std::ofstream(base.path() / "file") << "x";
  const auto written = write_results((base.path() / "file" / "results").string(), sample_run());
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ExitCode::output_failed);
  EXPECT_TRUE(written.error().message.starts_with("cannot create the folder ")) << written.error().message;
}

}  // namespace
}  // namespace understudy
