// Reads one line of an access log, of the kinds that most servers write.
//
//   combined   nginx's "combined" and Apache's "common", "combined" and "vhost_combined", with or without further
//   fields
//              behind them
//   alb        Application Load Balancer of AWS
//   w3c        extended log file format of IIS, with its #Fields lines
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/clock.hpp"

namespace understudy {

enum class AccessLogKind : std::uint8_t { combined, alb, w3c };

struct AccessLogEntry {
  WallTime time;
  std::string client;  // an address, or a name
  std::string method;
  std::string target;
  bool is_http10 = false;
  int status = 0;
  std::uint64_t bytes = 0;          // of the response
  bool bytes_are_of_body = true;    // false: with the head
  std::optional<Nanoseconds> took;  // from the request to the end of its response, where the log tells
  std::string host;                 // empty: not told, as the two below
  std::string user_agent;
  std::string referer;
};

enum class AccessLogResult : std::uint8_t {
  entry,
  nothing,     // an empty line, a comment, a directive
  no_request,  // a line of a request that the server itself could not read
  unreadable,  // not a line of this kind
};

class AccessLogParser {
 public:
  explicit AccessLogParser(AccessLogKind kind) : kind_(kind) {}

  // Overwrites `entry`, whole only when the result says so.
  [[nodiscard]] AccessLogResult parse(std::string_view line, AccessLogEntry& entry);
  // Whether times of this kind are whole seconds.
  [[nodiscard]] bool has_whole_seconds() const { return kind_ != AccessLogKind::alb; }

 private:
  [[nodiscard]] AccessLogResult parse_combined(std::string_view line, AccessLogEntry& entry);
  [[nodiscard]] AccessLogResult parse_alb(std::string_view line, AccessLogEntry& entry);
  [[nodiscard]] AccessLogResult parse_w3c(std::string_view line, AccessLogEntry& entry);

  const AccessLogKind kind_;
  std::vector<std::string> words_;   // of the line
  std::vector<std::string> fields_;  // of the last #Fields line
  std::string date_;                 // of the last #Date line, for logs whose lines have only a time
};

// The kind of a text that begins so: at least half of its first whole lines are of it. Empty: none.
[[nodiscard]] std::optional<AccessLogKind> find_access_log_kind(std::string_view first_bytes);

}  // namespace understudy
