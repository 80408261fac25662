#include "traffic/observe/log.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace understudy {
namespace {

// 2016-07-27T04:53:04.123456789Z
constexpr WallTime moment{Nanoseconds{1'469'595'184'123'456'789}};

std::string json_line(std::string_view message, LogFields fields) {
  return format_log_line(LogFormat::json, moment, LogLevel::warning, message, fields);
}

class LogFile : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() / ("understudy_log_test_" + std::to_string(::getpid()) + ".log");
    std::filesystem::remove(path_);
  }
  void TearDown() override {
    ASSERT_TRUE(start_logging({}));
    std::filesystem::remove(path_);
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::ifstream file(path_);
    std::vector<std::string> result;
    for (std::string line; std::getline(file, line);) result.push_back(line);
    return result;
  }
  std::filesystem::path path_;
};

TEST(LogLine, TextHasTimeLevelMessageAndFields) {
  EXPECT_EQ(format_log_line(LogFormat::text, moment, LogLevel::warning, "the shadow does not answer",
                            {{"target", "http://shadow:80"}, {"errors", 3}, {"open", true}, {"share", 0.25}}),
            "2016-07-27T04:53:04.123Z warning the shadow does not answer target=http://shadow:80 errors=3 open=true "
            "share=0.25");
}

TEST(LogLine, TextQuotesValuesThatWouldBeAmbiguous) {
  EXPECT_EQ(
      format_log_line(LogFormat::text, moment, LogLevel::info, "x", {{"a", "two words"}, {"b", ""}, {"c", "k=v"}}),
      "2016-07-27T04:53:04.123Z info    x a=\"two words\" b=\"\" c=\"k=v\"");
}

TEST(LogLine, TextStaysOneLineAndObeysNoTerminal) {
  const std::string line = format_log_line(LogFormat::text, moment, LogLevel::error, "bad\nline\x1b[2J",
                                           {{"path", std::string_view("/\r\n\0x", 5)}});
  EXPECT_EQ(line.find_first_of(std::string_view("\n\r\x1b\0", 4)), std::string::npos) << line;
  EXPECT_NE(line.find("bad\\u000aline\\u001b[2J"), std::string::npos) << line;
}

TEST(LogLine, JsonHasTheKeysThatLogstashWants) {
  EXPECT_EQ(json_line("a \"quoted\" word", {{"count", std::uint64_t{18'446'744'073'709'551'615U}}, {"delta", -1}}),
            "{\"@timestamp\":\"2016-07-27T04:53:04.123Z\",\"level\":\"warning\",\"message\":\"a \\\"quoted\\\" word\","
            "\"count\":18446744073709551615,\"delta\":-1}");
}

TEST(LogLine, JsonTellsHowManyWereSuppressed) {
  const std::string line = format_log_line(LogFormat::json, moment, LogLevel::info, "m", {}, 41);
  EXPECT_NE(line.find("\"suppressed\":41"), std::string::npos);
}

// Every byte value in message and field: the file is read by a JSON parser that was not written here.
TEST_F(LogFile, JsonIsValidForAnyBytes) {
  ASSERT_TRUE(start_logging({LogFormat::json, LogLevel::info, path_.string()}));
  for (int first = 0; first < 256; ++first) {
    std::string bytes(1, static_cast<char>(first));
    for (const int second : {0x00, 0x22, 0x5c, 0x80, 0xbf, 0xc0, 0xff}) bytes += static_cast<char>(second);
    log_info(bytes, {{"value", bytes}});
  }
  const std::string command =
      "python3 -c \"import json,sys\n"
      "rows=[json.loads(l.decode('utf-8','strict')) for l in open(sys.argv[1],'rb').read().split(b'\\n')[:-1]]\n"
      "assert len(rows)==256 and all(r['level']=='info' and r['message']==r['value'] for r in rows)\" " +
      path_.string();
  EXPECT_EQ(std::system(command.c_str()), 0);
}

TEST_F(LogFile, LevelsBelowTheOneAskedForAreLeftOut) {
  ASSERT_TRUE(start_logging({LogFormat::text, LogLevel::warning, path_.string()}));
  log_debug("d");
  log_info("i");
  log_warning("w");
  log_error("e");
  ASSERT_EQ(lines().size(), 2U);
  EXPECT_TRUE(lines()[0].ends_with("warning w"));
  EXPECT_TRUE(lines()[1].ends_with("error   e"));
}

TEST_F(LogFile, StartingAgainOpensTheFileAnewAfterRotation) {
  const LogOptions options{LogFormat::text, LogLevel::info, path_.string()};
  ASSERT_TRUE(start_logging(options));
  log_info("before");
  std::filesystem::rename(path_, path_.string() + ".1");
  ASSERT_TRUE(start_logging(options));
  log_info("after");
  ASSERT_EQ(lines().size(), 1U);
  EXPECT_TRUE(lines()[0].ends_with("after"));
  std::filesystem::remove(path_.string() + ".1");
}

TEST_F(LogFile, LinesOfSeveralThreadsStayWhole) {
  ASSERT_TRUE(start_logging({LogFormat::text, LogLevel::info, path_.string()}));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 200; ++i) log_info("a message of some length that must not be mixed with another");
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<std::string> all = lines();
  ASSERT_EQ(all.size(), 800U);
  for (const std::string& line : all)
    EXPECT_TRUE(line.ends_with("info    a message of some length that must not be mixed with another"));
}

TEST(Logging, AFileThatCannotBeOpenedIsAnError) {
  const Result<void> result = start_logging({LogFormat::text, LogLevel::info, "/proc/no/such/file"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ExitCode::output_failed);
  EXPECT_NE(result.error().message.find("/proc/no/such/file"), std::string::npos);
}

TEST(Logging, NamesAreParsed) {
  EXPECT_EQ(parse_log_level("warning").value(), LogLevel::warning);
  EXPECT_EQ(parse_log_format("json").value(), LogFormat::json);
  EXPECT_EQ(parse_log_level("loud").error().code, ExitCode::usage);
  EXPECT_EQ(parse_log_format("xml").error().code, ExitCode::usage);
}

TEST(RepeatLimit, OneInAnIntervalPassesAndTellsHowManyDidNot) {
  RepeatLimit limit(std::chrono::seconds(10));
  const MonotonicTime start{std::chrono::seconds(1000)};
  EXPECT_EQ(limit.admit(start), 0U);
  for (int i = 1; i < 10; ++i) EXPECT_EQ(limit.admit(start + std::chrono::seconds(i)), std::nullopt);
  EXPECT_EQ(limit.admit(start + std::chrono::seconds(10)), 9U);
  EXPECT_EQ(limit.admit(start + std::chrono::seconds(11)), std::nullopt);
  EXPECT_EQ(limit.admit(start + std::chrono::seconds(40)), 1U);
}

TEST_F(LogFile, LogEveryKeepsAFloodAway) {
  ASSERT_TRUE(start_logging({LogFormat::text, LogLevel::info, path_.string()}));
  RepeatLimit limit(std::chrono::seconds(1));
  for (int i = 0; i < 2500; ++i) {
    log_every(limit, MonotonicTime{std::chrono::milliseconds(i)}, LogLevel::warning, "dead", {{"n", i}});
  }
  ASSERT_EQ(lines().size(), 3U);
  EXPECT_TRUE(lines()[1].ends_with("dead n=1000 suppressed=999"));
}

}  // namespace
}  // namespace understudy
