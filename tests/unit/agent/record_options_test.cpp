// The options of recordings, from the command line to what the agent works with.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "agent/options.hpp"
#include "agent/recordings.hpp"
#include "tests/support/files.hpp"

namespace understudy {
namespace {

RecordSettings parsed(std::vector<std::string> words) {
  words.insert(words.begin(), {"run", "--port", "8080"});
  auto result = parse_command_line(words);
  EXPECT_TRUE(result && result->options) << (result ? "" : result.error().message);
  return result && result->options ? result->options->record : RecordSettings{};
}

std::string error_of(std::vector<std::string> words, ExitCode code = ExitCode::usage) {
  words.insert(words.begin(), {"run", "--port", "8080"});
  auto result = parse_command_line(words);
  EXPECT_FALSE(result);
  if (result) return {};
  EXPECT_EQ(result.error().code, code);
  return result.error().message;
}

bool tells(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(RecordOptions, NothingIsRecordedUnlessAsked) {
  const RecordSettings record = parsed({});
  EXPECT_EQ(recording_count(record), 0U);
  EXPECT_FALSE(record.rotation.any());
}

TEST(RecordOptions, TheNamesEndingIsTheFormat) {
  EXPECT_EQ(parsed({"--record", "a.jsonl"}).format, RecordingFormat::jsonl);
  EXPECT_EQ(parsed({"--record", "-"}).format, RecordingFormat::jsonl);
  EXPECT_EQ(parsed({"--record", "/x/%Y%m%d-%H%M.take"}).format, RecordingFormat::take);
  EXPECT_TRUE(tells(error_of({"--record", "a.gor"}), "end the name with .take"));
  EXPECT_TRUE(tells(error_of({"--record", "%q.take"}), "'%q' in '%q.take' is not known"));
}

TEST(RecordOptions, RotationWantsAFile) {
  const RecordSettings record = parsed({"--record", "a.take", "--record-rotate", "1h,1GiB,total=20GiB"});
  EXPECT_EQ(record.rotation.period, std::chrono::hours(1));
  EXPECT_EQ(record.rotation.total_max, std::uint64_t{20} << 30U);
  EXPECT_TRUE(tells(error_of({"--record-rotate", "1h"}), "--record-rotate: needs --record"));
  EXPECT_TRUE(tells(error_of({"--record", "-", "--record-rotate", "1h"}), "--record-rotate: needs --record"));
  EXPECT_TRUE(tells(error_of({"--record", "a.take", "--record-rotate", "often"}), "'often' is no time and no size"));
}

TEST(RecordOptions, AKeyIsReadFromItsFile) {
  const test::TemporaryFolder folder;
  const std::string key = (folder.path() / "key").string();
  std::ofstream(key) << std::string(64, '0');
  EXPECT_TRUE(parsed({"--record", "a.take", "--record-key-file", key}).key);
  EXPECT_TRUE(tells(error_of({"--record", "a.jsonl", "--record-key-file", key}), "JSON Lines are not encrypted"));
  EXPECT_TRUE(tells(error_of({"--record-key-file", key}), "needs --record"));
  EXPECT_TRUE(tells(error_of({"--record", "a.take", "--record-key-file", key + "x"}, ExitCode::configuration),
                    "cannot read the key file"));
}

TEST(RecordOptions, AStreamGoesBesideARecording) {
  EXPECT_EQ(recording_count(parsed({"--stream", "-"})), 1U);
  EXPECT_EQ(recording_count(parsed({"--stream", "-", "--record", "a.take"})), 2U);
  EXPECT_TRUE(tells(error_of({"--stream", "-", "--record", "-"}), "cannot both be standard output"));
  EXPECT_TRUE(tells(error_of({"--stream", "a.take", "--record", "a.take"}), "files of their own"));
}

}  // namespace
}  // namespace understudy
