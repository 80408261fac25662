#include "replay/database/query_log.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <charconv>
#include <cmath>

#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

constexpr std::size_t csv_fields_min = 26;  // of PostgreSQL 14
constexpr std::size_t json_depth_max = 4;

// The fields of a record that matter, by their place in csvlog.
enum CsvField : std::size_t { log_time = 0, database = 2, message = 13, application = 22, query_id = 25 };

// One field from `at` on, which is left behind its comma or at the end. False for a quote that never ends.
bool take_field(std::string_view record, std::size_t& at, std::string& field) {
  field.clear();
  if (at < record.size() && record[at] == '"') {
    for (++at; at < record.size(); ++at) {
      if (record[at] != '"') {
        field += record[at];
      } else if (at + 1 < record.size() && record[at + 1] == '"') {
        field += record[at++];
      } else {
        ++at;
        break;
      }
    }
    if (at < record.size() && record[at] != ',') return false;
  } else {
    const std::size_t end = std::min(record.find(',', at), record.size());
    field = record.substr(at, end - at);
    at = end;
  }
  ++at;
  return true;
}

std::string text_of(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// "2026-11-23 03:22:06.123 CET" with the zone's offset.
std::optional<WallTime> read_time(std::string_view text, Nanoseconds zone_offset) {
  const std::size_t space = text.rfind(' ');
  if (space == std::string_view::npos || space < 19) return std::nullopt;
  const auto time = parse_rfc3339(std::string(text.substr(0, space)) + "Z");
  if (!time) return std::nullopt;
  return *time - zone_offset;
}

}  // namespace

void QueryLogParser::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    // To the end of the record, or of the bytes.
    std::size_t end = 0;
    bool is_ended = false;
    for (; end < bytes.size() && !is_ended; ++end) {
      if (bytes[end] == '"' && format_ == QueryLogFormat::csv) is_quoted_ = !is_quoted_;
      is_ended = bytes[end] == '\n' && !is_quoted_;
    }
    if (!is_discarding_ && pending_.size() + end > record_size_max) is_discarding_ = true;
    if (is_discarding_) {
      pending_.clear();
    } else {
      pending_.append(bytes.substr(0, end));
    }
    bytes.remove_prefix(end);
    if (!is_ended) return;
    if (is_discarding_) {
      ++skipped_;
    } else {
      pending_.pop_back();  // the end of the line
      take_record(pending_);
    }
    pending_.clear();
    is_discarding_ = false;
  }
}

void QueryLogParser::take_record(std::string_view record) {
  if (record.empty()) return;
  if (!(format_ == QueryLogFormat::csv ? take_csv(record) : take_json(record))) ++skipped_;
}

bool QueryLogParser::take_csv(std::string_view record) {
  std::array<std::string, csv_fields_min> fields;
  std::size_t at = 0;
  for (std::string& field : fields) {
    if (at > record.size() || !take_field(record, at, field)) return false;
  }
  LoggedStatement statement;
  statement.database = std::move(fields[CsvField::database]);
  statement.application_name = std::move(fields[CsvField::application]);
  const std::string& id = fields[CsvField::query_id];
  (void)std::from_chars(id.data(), id.data() + id.size(), statement.query_id);
  return give(std::move(statement), fields[CsvField::log_time], fields[CsvField::message]);
}

bool QueryLogParser::take_json(std::string_view record) {
  boost::json::error_code error;
  boost::json::parse_options options;
  options.max_depth = json_depth_max;
  const boost::json::value value = boost::json::parse(record, error, {}, options);
  if (error || !value.is_object()) return false;
  const boost::json::object& object = value.get_object();
  LoggedStatement statement;
  statement.database = text_of(object, "dbname");
  statement.application_name = text_of(object, "application_name");
  if (const boost::json::value* id = object.if_contains("query_id"); id != nullptr && id->is_int64()) {
    statement.query_id = id->get_int64();
  }
  return give(std::move(statement), text_of(object, "timestamp"), text_of(object, "message"));
}

// "duration: 1.234 ms  statement: SELECT 1", "duration: 1.234 ms  execute name: SELECT 1". True also for what is no
// statement.
bool QueryLogParser::give(LoggedStatement statement, std::string_view time, std::string_view message) {
  constexpr std::string_view lead = "duration: ";
  const auto ended_at = read_time(time, zone_offset_);
  if (!ended_at) return false;
  if (!message.starts_with(lead)) return true;
  message.remove_prefix(lead.size());
  double ms = 0;
  const auto [end, error] = std::from_chars(message.data(), message.data() + message.size(), ms);
  if (error != std::errc{} || !std::isfinite(ms) || ms < 0 || ms > 1e12) return false;
  message.remove_prefix(static_cast<std::size_t>(end - message.data()));
  constexpr std::string_view unit = " ms  ";
  if (!message.starts_with(unit)) return true;  // log_duration without the statement
  message.remove_prefix(unit.size());
  const bool is_execution = message.starts_with("statement: ") || message.starts_with("execute ");
  if (!is_execution) return true;
  const std::size_t text = message.find(": ");
  if (text == std::string_view::npos) return false;
  statement.ended_at = *ended_at;
  statement.duration = Nanoseconds(static_cast<std::int64_t>(ms * 1e6));
  statement.text = message.substr(text + 2);
  handler_(statement);
  return true;
}

}  // namespace understudy
