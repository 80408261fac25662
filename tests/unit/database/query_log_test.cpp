#include "replay/database/query_log.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "replay/database/observation_parts.hpp"
#include "tests/support/files.hpp"
#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

// A line of csvlog as PostgreSQL 15 writes it.
std::string csv_line(const std::string& message, const std::string& database = "orders",
                     const std::string& time = "2026-11-23 03:22:06.123 UTC") {
  return time + ",\"app\",\"" + database +
         "\",4711,\"127.0.0.1:5000\",65f.1,3,\"SELECT\",2026-11-23 03:22:00 UTC,3/12,0,LOG,"
         "00000,\"" +
         message + "\",\"parameters: $1 = '5'\",,,,,,,,\"api\",\"client backend\",,-77\n";
}

struct Parsed {
  std::vector<LoggedStatement> statements;
  std::uint64_t skipped = 0;
};

Parsed parse(QueryLogFormat format, std::string_view text, std::size_t piece = std::string::npos,
             Nanoseconds offset = {}) {
  Parsed parsed;
  QueryLogParser parser(format, offset,
                        [&](const LoggedStatement& statement) { parsed.statements.push_back(statement); });
  while (!text.empty()) {
    parser.feed(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
  }
  parsed.skipped = parser.skipped();
  return parsed;
}

TEST(QueryLog, ReadsStatementsOfCsvlog) {
  const std::string text = csv_line("duration: 1.500 ms  statement: SELECT \"\"a\"\" FROM t\nWHERE b = 'x'") +
                           csv_line("connection authorized: user=app") +
                           csv_line("duration: 0.020 ms  parse <unnamed>: SELECT 1") +
                           csv_line("duration: 0.030 ms  bind <unnamed>: SELECT 1") +
                           csv_line("duration: 7 ms  execute s1/p: SELECT 1") + csv_line("duration: 3.1 ms");
  // However it comes in pieces.
  for (const std::size_t piece : {std::string::npos, std::size_t{1}, std::size_t{7}, std::size_t{100}}) {
    const Parsed parsed = parse(QueryLogFormat::csv, text, piece);
    ASSERT_EQ(parsed.statements.size(), 2U);
    EXPECT_EQ(parsed.skipped, 0U);
    const LoggedStatement& first = parsed.statements[0];
    EXPECT_EQ(first.text, "SELECT \"a\" FROM t\nWHERE b = 'x'");
    EXPECT_EQ(first.duration, std::chrono::microseconds(1500));
    EXPECT_EQ(first.database, "orders");
    EXPECT_EQ(first.application_name, "api");
    EXPECT_EQ(first.query_id, -77);
    EXPECT_EQ(first.ended_at, *parse_rfc3339("2026-11-23T03:22:06.123Z"));
    EXPECT_EQ(parsed.statements[1].text, "SELECT 1");
    EXPECT_EQ(parsed.statements[1].duration, std::chrono::milliseconds(7));
  }
}

TEST(QueryLog, ReadsStatementsOfJsonlog) {
  const Parsed parsed = parse(
      QueryLogFormat::json,
      R"({"timestamp":"2026-11-23 04:22:06.123 CET","user":"app","dbname":"orders","pid":7,"error_severity":"LOG","message":"duration: 2.25 ms  statement: SELECT 1\nFROM t","application_name":"api","query_id":42})"
      "\n{\"timestamp\":\"2026-11-23 04:22:06.123 CET\",\"message\":\"checkpoint starting: time\"}\nnot json\n{\"a\":",
      5, std::chrono::hours(1));
  ASSERT_EQ(parsed.statements.size(), 1U);
  EXPECT_EQ(parsed.statements[0].text, "SELECT 1\nFROM t");
  EXPECT_EQ(parsed.statements[0].query_id, 42);
  EXPECT_EQ(parsed.statements[0].ended_at, *parse_rfc3339("2026-11-23T03:22:06.123Z"));
  EXPECT_EQ(parsed.statements[0].began_at(), *parse_rfc3339("2026-11-23T03:22:06.12075Z"));
  EXPECT_EQ(parsed.skipped, 1U);  // the last one is not whole yet
}

TEST(QueryLog, SkipsAndCountsWhatItDoesNotUnderstand) {
  const std::string good = csv_line("duration: 1 ms  statement: SELECT 1");
  const std::string huge(QueryLogParser::record_size_max + 10, 'x');
  const std::string text = "too,few,fields\n" + good + "\"" + huge + "\n\n\"\n" + good +
                           csv_line("duration: 1 ms  statement: SELECT 1", "orders", "yesterday") +
                           csv_line("duration: inf ms  statement: SELECT 1") + "\n" + good;
  const Parsed parsed = parse(QueryLogFormat::csv, text, 65536);
  EXPECT_EQ(parsed.statements.size(), 3U);
  EXPECT_EQ(parsed.skipped, 4U);
}

class QueryLogWindowTest : public testing::Test {
 protected:
  void append(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::app) << text; }
  std::vector<std::string> read(QueryLogWindow& window) {
    std::vector<std::string> texts;
    auto skipped = window.read("orders", [&](const LoggedStatement& s) { texts.push_back(s.text); });
    EXPECT_TRUE(skipped);
    return texts;
  }
  test::TemporaryFolder folder_;
};

TEST_F(QueryLogWindowTest, ReadsWhatIsWrittenFromNowOnOfThisDatabase) {
  const std::string path = (folder_.path() / "postgresql.csv").string();
  append(path, csv_line("duration: 1 ms  statement: SELECT before"));
  auto window = QueryLogWindow::begin(path, {});
  ASSERT_TRUE(window);
  append(path, csv_line("duration: 1 ms  statement: SELECT during") +
                   csv_line("duration: 1 ms  statement: SELECT elsewhere", "other") +
                   csv_line("duration: 1 ms  statement: SELECT /* understudy */ own"));
  EXPECT_EQ(read(*window), std::vector<std::string>{"SELECT during"});
  EXPECT_EQ(window->note(), "");
}

TEST_F(QueryLogWindowTest, SaysThatALogWasRotated) {
  const std::string path = (folder_.path() / "postgresql.csv").string();
  append(path, csv_line("duration: 1 ms  statement: SELECT before"));
  auto window = QueryLogWindow::begin(path, {});
  ASSERT_TRUE(window);
  std::filesystem::rename(path, path + ".1");
  append(path, csv_line("duration: 1 ms  statement: SELECT anew"));
  EXPECT_EQ(read(*window), std::vector<std::string>{"SELECT anew"});
  EXPECT_NE(window->note().find("rotated"), std::string::npos);
}

TEST_F(QueryLogWindowTest, RefusesAnUnknownFormatAndAMissingFile) {
  EXPECT_EQ(QueryLogWindow::begin((folder_.path() / "postgresql.log").string(), {}).error().code,
            ExitCode::database_unfit);
  EXPECT_EQ(QueryLogWindow::begin((folder_.path() / "none.csv").string(), {}).error().code, ExitCode::database_unfit);
}

TEST(LogTimes, GivesPercentilesByClass) {
  LogTimes times;
  for (int i = 1; i <= 100; ++i) {
    LoggedStatement statement;
    statement.text = "SELECT a FROM t WHERE b = " + std::to_string(i);
    statement.duration = std::chrono::milliseconds(i);
    times.take(statement);
  }
  const QueryLogSummary summary = times.summary(3);
  EXPECT_EQ(summary.statements, 100U);
  EXPECT_EQ(summary.skipped, 3U);
  ASSERT_EQ(summary.classes.size(), 1U);
  const LoggedTimes& logged = summary.classes.begin()->second;
  EXPECT_EQ(logged.count, 100U);
  EXPECT_DOUBLE_EQ(logged.mean, 50.5);
  EXPECT_DOUBLE_EQ(logged.p50, 50);
  EXPECT_DOUBLE_EQ(logged.p95, 95);
  EXPECT_DOUBLE_EQ(logged.p99, 99);
  EXPECT_DOUBLE_EQ(logged.max, 100);
}

}  // namespace
}  // namespace understudy
