// Reads a PostgreSQL server's log in the formats csvlog (14 and later) and jsonlog (15 and later): PostgreSQL manual,
// 20.8.4 and 20.8.5.
//
// Statements with their duration are there when log_min_duration_statement is 0 (or log_duration with log_statement);
// it costs about 0.1 ms of processor a transaction, and says nothing of blocks. This program does not switch it on.
//
// Bounds: a record of more than record_size_max bytes is skipped and counted; so is what is no record.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// A statement of the log with its duration.
struct LoggedStatement {
  WallTime ended_at{};  // when it was logged, to the millisecond
  Nanoseconds duration{};
  std::string database;
  std::string application_name;
  std::int64_t query_id = 0;  // 0 unless compute_query_id
  std::string text;           // with its literals and comments
  [[nodiscard]] WallTime began_at() const { return ended_at - duration; }
};

enum class QueryLogFormat : std::uint8_t { csv, json };

// Takes bytes as they come, and gives statements: those that were executed, not their parsing and binding. A time in
// another zone than UTC is named by letters that say nothing for sure, so the server's offset is taken: of
// log_timezone, positive east of Greenwich.
//
// Not thread safe.
class QueryLogParser {
 public:
  static constexpr std::size_t record_size_max = std::size_t{4} << 20U;
  using Handler = std::function<void(const LoggedStatement&)>;

  QueryLogParser(QueryLogFormat format, Nanoseconds zone_offset, Handler handler)
      : format_(format), zone_offset_(zone_offset), handler_(std::move(handler)) {}
  void feed(std::string_view bytes);
  // Records that were too large or not understood. Those that are whole and about something else do not count.
  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }

 private:
  void take_record(std::string_view record);
  [[nodiscard]] bool take_csv(std::string_view record);
  [[nodiscard]] bool take_json(std::string_view record);
  [[nodiscard]] bool give(LoggedStatement statement, std::string_view time, std::string_view message);

  QueryLogFormat format_;
  Nanoseconds zone_offset_;
  Handler handler_;
  std::string pending_;         // the record so far
  bool is_quoted_ = false;      // csv: inside quotes at the end of pending_
  bool is_discarding_ = false;  // the record is too large
  std::uint64_t skipped_ = 0;
};

// Latencies of a class; milliseconds.
struct LoggedTimes {
  std::uint64_t count = 0;
  double mean = 0, p50 = 0, p95 = 0, p99 = 0, max = 0;
};

// What a log held of one run.
struct QueryLogSummary {
  std::uint64_t statements = 0;
  std::uint64_t skipped = 0;                   // records that were too large or not understood
  std::map<std::string, LoggedTimes> classes;  // by the key of a QueryClass
};

// The part of a log that is written from now on. A log that is rotated in between is read to the end of the new file
// where it has the old name, and said so in `note`.
class QueryLogWindow {
 public:
  // Remembers the end of the file. The format is that of the name (.csv, .json). ExitCode::database_unfit,
  // ExitCode::permission.
  [[nodiscard]] static Result<QueryLogWindow> begin(const std::string& path, Nanoseconds zone_offset);
  // Every statement of `database` since then, without this program's own. How many records were skipped.
  [[nodiscard]] Result<std::uint64_t> read(const std::string& database, const QueryLogParser::Handler& handler);
  [[nodiscard]] const std::string& note() const { return note_; }

 private:
  std::string path_;
  QueryLogFormat format_ = QueryLogFormat::csv;
  Nanoseconds zone_offset_{};
  std::uint64_t begin_ = 0;
  std::uint64_t file_id_ = 0;
  std::string note_;
};

}  // namespace understudy
