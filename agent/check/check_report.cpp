#include "agent/check/check_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

void append_line(std::string& out, std::string_view indent, std::string_view text) {
  out.append(indent);
  append_printable(out, text);
  out += '\n';
}

std::size_t count(const CheckReport& report, CheckStatus status) {
  return static_cast<std::size_t>(std::count_if(report.items.begin(), report.items.end(),
                                                [&](const CheckItem& item) { return item.status == status; }));
}

std::string verdict(const CheckReport& report) {
  const std::size_t failed = count(report, CheckStatus::failed);
  if (failed > 0) return fmt::format("A mirror would not work: {} check{} failed.", failed, failed == 1 ? "" : "s");
  const std::size_t warnings = count(report, CheckStatus::warning);
  if (warnings > 0) return fmt::format("A mirror would work, with {} warning{}.", warnings, warnings == 1 ? "" : "s");
  return "A mirror would work.";
}

}  // namespace

std::string_view to_string(CheckStatus status) {
  switch (status) {
    case CheckStatus::ok: return "ok";
    case CheckStatus::warning: return "warning";
    case CheckStatus::failed: return "failed";
    case CheckStatus::skipped: return "skipped";
  }
  return "unknown";
}

bool CheckReport::would_work() const { return count(*this, CheckStatus::failed) == 0; }

std::string format_check_report(const CheckReport& report) {
  constexpr std::string_view indent = "                       ";
  std::string out;
  for (const CheckItem& item : report.items) {
    const std::string about = item.about.empty() ? "" : item.about + ": ";
    append_line(out, fmt::format("{:<8} {:<13} ", to_string(item.status), item.name), about + item.found);
    for (const std::string& detail : item.details) append_line(out, indent, "  " + detail);
    if (!item.advice.empty()) append_line(out, indent, "-> " + item.advice);
  }
  out += '\n';
  append_line(out, "", verdict(report));
  return out;
}

std::string check_report_json(const CheckReport& report) {
  JsonWriter json;
  json.begin_object().member("would_work", report.would_work()).key("checks").begin_array();
  for (const CheckItem& item : report.items) {
    json.begin_object().member("name", item.name).member("about", item.about).member("status", to_string(item.status));
    json.member("found", item.found).key("details").begin_array();
    for (const std::string& detail : item.details) json.value(detail);
    json.end_array().member("advice", item.advice).end_object();
  }
  return json.end_array().end_object().take();
}

}  // namespace understudy
