// Which HTTP route causes which query class.
//
// By trace where the application passes a trace id into SQL comments: sqlcommenter's /*traceparent='00-...-...-01'*/
// (W3C Trace Context), or another key. Exact, for every statement that has one. Else by time: a statement is counted
// for the requests that were under way when it began, in equal parts; right at low load, and a guess at high load.
// It needs the statements one by one, thus the query log.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/database/query_log.hpp"
#include "traffic/base/clock.hpp"

namespace understudy {

// A request of the run, as the rehearsal sent it.
struct RoutedRequest {
  std::string route;
  std::string trace_id;  // 32 hexadecimal digits, or what the key holds; empty: none
  WallTime sent_at{};
  WallTime answered_at{};
};

// What one route caused in one class. Parts of statements add up, so the numbers are fractions.
struct RouteShare {
  double statements = 0;
  double milliseconds = 0;
};

struct RouteAttribution {
  // By route, then by class key. "" is the route of what no request explains.
  std::map<std::string, std::map<std::string, RouteShare>> routes;
  std::uint64_t by_trace = 0;  // statements
  std::uint64_t by_time = 0;
  std::uint64_t unexplained = 0;
};

// The value of `key` in a comment of a statement: key='value' (percent-encoded, as sqlcommenter has it) or key=value or
// key:value. Of a traceparent only the trace id. Nothing when there is none.
[[nodiscard]] std::optional<std::string> trace_id_of(std::string_view statement, std::string_view key = "traceparent");

// Takes statements one by one, in any order.
class RouteAttributor {
 public:
  // The requests of one run, in any order. Two of one trace id: the first counts.
  RouteAttributor(std::vector<RoutedRequest> requests, std::string key);
  void take(const LoggedStatement& statement, const std::string& class_key);
  [[nodiscard]] const RouteAttribution& result() const { return result_; }

 private:
  std::vector<RoutedRequest> requests_;  // by sent_at
  std::map<std::string, std::size_t, std::less<>> by_trace_;
  Nanoseconds longest_{};  // of a request: how far back to look
  std::string key_;
  RouteAttribution result_;
};

}  // namespace understudy
