// The program's log: one line an event, as text for people or as JSON for Logstash and its like.
//
// A line has a message in words and structured fields:
//   text: 2026-11-22T19:30:00.123Z warning the shadow does not answer; its circuit breaker is open
//   target=http://shadow:80 json:
//   {"@timestamp":"2026-11-22T19:30:00.123Z","level":"warning","message":"...","target":"http://shadow:80"}
// Both are one line whatever bytes the message and the fields hold: control characters are escaped, and bytes that are
// not UTF-8 are replaced.
//
// Secrets: the log prints what it is given. Callers never pass a password, an Authorization or Cookie value, or a URL
// with user information in it.
//
// Thread safety: log() may be called from any thread; it takes a lock and writes, so it is not for a packet's way. Use
// log_every() where a failure can repeat with every request.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

enum class LogLevel : std::uint8_t { debug, info, warning, error };
enum class LogFormat : std::uint8_t { text, json };

[[nodiscard]] std::string_view to_string(LogLevel level);
// The names above. Errors: ExitCode::usage, with the names there are.
[[nodiscard]] Result<LogLevel> parse_log_level(std::string_view name);
[[nodiscard]] Result<LogFormat> parse_log_format(std::string_view name);

// Names are snake_case, and none of "@timestamp", "level" and "message". Borrowed until log() returns.
struct LogField {
  using Value = std::variant<std::string_view, std::uint64_t, std::int64_t, double, bool>;

  LogField(std::string_view field, std::string_view content) : name(field), value(content) {}
  LogField(std::string_view field, const char* content) : name(field), value(std::string_view(content)) {}
  LogField(std::string_view field, const std::string& content) : name(field), value(std::string_view(content)) {}
  LogField(std::string_view field, bool content) : name(field), value(content) {}
  LogField(std::string_view field, double content) : name(field), value(content) {}
  LogField(std::string_view field, std::unsigned_integral auto content) : name(field), value(std::uint64_t{content}) {}
  LogField(std::string_view field, std::signed_integral auto content) : name(field), value(std::int64_t{content}) {}

  std::string_view name;
  Value value;
};
using LogFields = std::initializer_list<LogField>;

struct LogOptions {
  LogFormat format = LogFormat::text;
  LogLevel level = LogLevel::info;
  std::string file;  // appended to; empty: standard error
  // Of a file: beyond it it is renamed, and the two newest former ones are kept. 0: no limit.
  std::size_t bytes_max = 0;
};

// Sets the log up. Before the first call, lines go to standard error as text from `info` on. Calling it again replaces
// the set-up and opens the file anew, as log rotation wants. Errors: ExitCode::output_failed when the file cannot be
// opened; the log stays as it was then.
[[nodiscard]] Result<void> start_logging(const LogOptions& options);

// Writes one line, flushed, if `level` is not below the one asked for.
void log(LogLevel level, std::string_view message, LogFields fields = {});

inline void log_debug(std::string_view message, LogFields fields = {}) { log(LogLevel::debug, message, fields); }
inline void log_info(std::string_view message, LogFields fields = {}) { log(LogLevel::info, message, fields); }
inline void log_warning(std::string_view message, LogFields fields = {}) { log(LogLevel::warning, message, fields); }
inline void log_error(std::string_view message, LogFields fields = {}) { log(LogLevel::error, message, fields); }

// Lets one event in an interval pass and counts the others, so that a dead shadow does not flood the log.
// Thread safety: of one thread.
class RepeatLimit {
 public:
  explicit RepeatLimit(Nanoseconds interval) : interval_(interval) {}

  // Nothing: keep quiet. A number: go on; so many were kept quiet since the last that went on.
  [[nodiscard]] std::optional<std::uint64_t> admit(MonotonicTime now);

 private:
  Nanoseconds interval_;
  std::optional<MonotonicTime> last_;
  std::uint64_t suppressed_ = 0;
};

// Logs if `limit` admits it, with a field `suppressed` when lines were left out in between.
void log_every(RepeatLimit& limit, MonotonicTime now, LogLevel level, std::string_view message, LogFields fields = {});

// The line that log() writes, without the line end. Pure.
[[nodiscard]] std::string format_log_line(LogFormat format, WallTime time, LogLevel level, std::string_view message,
                                          LogFields fields, std::uint64_t suppressed = 0);

}  // namespace understudy
