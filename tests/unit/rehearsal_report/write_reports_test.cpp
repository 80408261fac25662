#include <gtest/gtest.h>

#include <set>

#include "replay/rehearsal_report/rehearsal_report.hpp"
#include "tests/support/files.hpp"

namespace understudy {
namespace {

std::set<std::string> names_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().filename());
  return names;
}

TEST(WriteRehearsalReports, WritesAllAndReplacesEarlierOnes) {
  const test::TemporaryFolder folder;
  const std::string target = folder.path() / "results";
  ASSERT_TRUE(write_rehearsal_reports(target, R"({"name":"first"})").has_value());
  ASSERT_TRUE(write_rehearsal_reports(target, R"({"name":"second"})").has_value());
  EXPECT_EQ(names_in(target), (std::set<std::string>{"rehearsal.json", "rehearsal.html", "rehearsal.md", "junit.xml"}));
  EXPECT_EQ(test::content_of(target + "/rehearsal.json"), "{\"name\":\"second\"}\n");
  EXPECT_NE(test::content_of(target + "/rehearsal.html").find("second"), std::string::npos);
}

TEST(WriteRehearsalReports, WritesNothingOfABrokenDocument) {
  const test::TemporaryFolder folder;
  EXPECT_FALSE(write_rehearsal_reports(folder.path(), "{").has_value());
  EXPECT_TRUE(names_in(folder.path()).empty());
}

TEST(WriteRehearsalReports, SaysWhenAFolderCannotBeMade) {
  const Result<void> written = write_rehearsal_reports("/proc/none", "{}");
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, ExitCode::output_failed);
}

}  // namespace
}  // namespace understudy
