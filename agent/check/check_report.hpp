// What the doctor found, for people and for programs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace understudy {

enum class CheckStatus : std::uint8_t {
  ok,
  warning,  // a mirror works, but not as well as it could, or not everything could be seen
  failed,   // a mirror would not work
  skipped,  // could not be tried, because of what failed before
};

// "ok", "warning", "failed", "skipped".
[[nodiscard]] std::string_view to_string(CheckStatus status);

struct CheckItem {
  std::string name;   // snake_case and stable: "permission", "packets"; several targets have one of the same name each
  std::string about;  // which target; empty for checks of the host
  CheckStatus status = CheckStatus::ok;
  std::string found;
  std::vector<std::string> details;  // one line each: interfaces, certificates
  std::string advice;                // what to do; empty when there is nothing
};

struct CheckReport {
  std::vector<CheckItem> items;

  // No check failed: a mirror with these options would work.
  [[nodiscard]] bool would_work() const;
};

// A few lines for each check, and a verdict at the end. Ends with a line end. Text from the network is made safe.
[[nodiscard]] std::string format_check_report(const CheckReport& report);

// {"would_work", "checks": [{"name", "about", "status", "found", "details": [...], "advice"}]}, one line.
[[nodiscard]] std::string check_report_json(const CheckReport& report);

}  // namespace understudy
