#include "traffic/observe/log.hpp"

#include <fmt/chrono.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>

#include "traffic/base/json_text.hpp"
#include "traffic/observe/terminal.hpp"

namespace understudy {
namespace {

constexpr std::size_t former_files = 2;  // kept of a rotated log
constexpr std::string_view erase_line = "\r\x1b[K";

// spdlog brings the locked, flushed sinks. Lines are formatted here, since its patterns know no fields.
struct Output {
  LogFormat format = LogFormat::text;
  bool to_standard_error = true;
  std::shared_ptr<spdlog::logger> logger;
};

std::shared_ptr<const Output> make_output(LogFormat format, bool to_standard_error, spdlog::sink_ptr sink) {
  auto output = std::make_shared<Output>();
  output->format = format;
  output->to_standard_error = to_standard_error;
  output->logger = std::make_shared<spdlog::logger>("understudy", std::move(sink));
  output->logger->set_pattern("%v");
  output->logger->set_level(spdlog::level::trace);  // levels are compared before a line is formatted
  output->logger->flush_on(spdlog::level::trace);
  return output;
}

struct State {
  std::mutex mutex;  // guards `output`, not the writing
  std::shared_ptr<const Output> output =
      make_output(LogFormat::text, true, std::make_shared<spdlog::sinks::stderr_sink_mt>());
  std::atomic<LogLevel> level{LogLevel::info};
};

State& state() {
  static State* const instance = new State;  // never destroyed: threads may log until the very end
  return *instance;
}

std::shared_ptr<const Output> current_output() {
  State& shared = state();
  const std::lock_guard lock(shared.mutex);
  return shared.output;
}

std::string time_text(WallTime time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (milliseconds - seconds).count());
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \t\r\n\"=\\") != std::string_view::npos;
}

void append_text_value(std::string& line, const LogField::Value& value) {
  std::visit(
      [&line](const auto& content) {
        if constexpr (std::is_same_v<std::decay_t<decltype(content)>, std::string_view>) {
          needs_quotes(content) ? append_json_string(line, content) : append_printable(line, content);
        } else {
          fmt::format_to(std::back_inserter(line), "{}", content);
        }
      },
      value);
}

std::string text_line(WallTime time, LogLevel level, std::string_view message, LogFields fields,
                      std::uint64_t suppressed) {
  std::string line = fmt::format("{} {:<7} ", time_text(time), to_string(level));
  append_printable(line, message);
  for (const LogField& field : fields) {
    line += ' ';
    append_printable(line, field.name);
    line += '=';
    append_text_value(line, field.value);
  }
  if (suppressed > 0) fmt::format_to(std::back_inserter(line), " suppressed={}", suppressed);
  return line;
}

std::string json_line(WallTime time, LogLevel level, std::string_view message, LogFields fields,
                      std::uint64_t suppressed) {
  JsonWriter json;
  json.begin_object();
  json.member("@timestamp", time_text(time)).member("level", to_string(level)).member("message", message);
  for (const LogField& field : fields) {
    json.key(field.name);
    std::visit([&json](const auto& content) { json.value(content); }, field.value);
  }
  if (suppressed > 0) json.member("suppressed", suppressed);
  return json.end_object().take();
}

void write(LogLevel level, std::string_view message, LogFields fields, std::uint64_t suppressed) {
  if (level < state().level.load(std::memory_order_relaxed)) return;
  const std::shared_ptr<const Output> output = current_output();
  std::string line = format_log_line(output->format, system_clock().wall_now(), level, message, fields, suppressed);
  if (output->to_standard_error && live_line_shown()) line.insert(0, erase_line);
  output->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
  }
  return "unknown";
}

Result<LogLevel> parse_log_level(std::string_view name) {
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    if (name == to_string(level)) return level;
  }
  return fail(ExitCode::usage, fmt::format("no log level '{}'; use debug, info, warning or error", name));
}

Result<LogFormat> parse_log_format(std::string_view name) {
  if (name == "text") return LogFormat::text;
  if (name == "json") return LogFormat::json;
  return fail(ExitCode::usage, fmt::format("no log format '{}'; use text or json", name));
}

Result<void> start_logging(const LogOptions& options) {
  spdlog::sink_ptr sink;
  try {
    if (options.file.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else if (options.bytes_max > 0) {
      sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(options.file, options.bytes_max, former_files);
    } else {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file);
    }
  } catch (const spdlog::spdlog_ex& error) {
    return fail(ExitCode::output_failed,
                fmt::format("cannot open the log file '{}': {}; name a file that this user may "
                            "write, or leave the option out to log to standard error",
                            options.file, error.what()));
  }
  std::shared_ptr<const Output> output = make_output(options.format, options.file.empty(), std::move(sink));
  State& shared = state();
  const std::lock_guard lock(shared.mutex);
  shared.output = std::move(output);
  shared.level.store(options.level, std::memory_order_relaxed);
  return {};
}

void log(LogLevel level, std::string_view message, LogFields fields) { write(level, message, fields, 0); }

std::optional<std::uint64_t> RepeatLimit::admit(MonotonicTime now) {
  if (last_ && now - *last_ < interval_) {
    ++suppressed_;
    return std::nullopt;
  }
  last_ = now;
  return std::exchange(suppressed_, 0);
}

void log_every(RepeatLimit& limit, MonotonicTime now, LogLevel level, std::string_view message, LogFields fields) {
  if (const std::optional<std::uint64_t> suppressed = limit.admit(now)) write(level, message, fields, *suppressed);
}

std::string format_log_line(LogFormat format, WallTime time, LogLevel level, std::string_view message, LogFields fields,
                            std::uint64_t suppressed) {
  return format == LogFormat::json ? json_line(time, level, message, fields, suppressed)
                                   : text_line(time, level, message, fields, suppressed);
}

}  // namespace understudy
