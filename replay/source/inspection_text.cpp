// The two forms in which an inspection is printed.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "replay/source/inspect.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

constexpr std::size_t columns_max = 120;
constexpr std::size_t damages_shown_max = 5;
constexpr std::size_t names_shown_max = 12;
constexpr std::size_t label_width = 14;

// 1234567 as 1,234,567.
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string byte_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < units.size(); ++unit) size /= 1024;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", size, units[unit]);
}

// To the millisecond, which is enough for people.
std::string time_of(WallTime time) {
  std::string text;
  append_rfc3339(text, time);
  return text.substr(0, sizeof "2026-01-02T03:04:05.000" - 1) + "Z";
}

std::string duration_text(Nanoseconds duration) {
  const auto seconds = std::chrono::duration<double>(duration).count();
  if (seconds < 60) return fmt::format("{:.3f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(seconds);
  const std::uint64_t days = whole / 86'400;
  const std::string clock = fmt::format("{}h{:02}m{:02}s", whole % 86'400 / 3'600, whole % 3'600 / 60, whole % 60);
  return days == 0 ? clock : fmt::format("{}d{}", days, clock);
}

// Appends "label  text" on one line that no terminal breaks, whatever the text holds.
void append_line(std::string& out, std::string_view label, std::string_view text) {
  std::string line = fmt::format("{:<{}} ", label, label_width);
  append_printable(line, text);
  if (line.size() > columns_max) {
    std::size_t end = columns_max - 3;
    while ((static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80) --end;  // not inside a character
    line.resize(end);
    line += "...";
  }
  out += line;
  out += '\n';
}

template <typename Items, typename Show>
std::string joined(const Items& items, std::string_view separator, Show show) {
  std::string text;
  std::size_t shown = 0;
  for (const auto& item : items) {
    if (shown == names_shown_max) return text + fmt::format("{}and {} more", separator, items.size() - shown);
    if (shown++ != 0) text += separator;
    text += show(item);
  }
  return text;
}

std::string_view completeness_name(Completeness completeness) {
  switch (completeness) {
    case Completeness::complete: return "complete";
    case Completeness::incomplete: return "incomplete";
    case Completeness::unknown: return "unknown";
  }
  return "";
}

std::string completeness_text(const RecordingReport& report) {
  if (report.completeness == Completeness::complete) return "complete: the certificate is there, and nothing was lost";
  std::string text = report.completeness == Completeness::incomplete ? "incomplete" : "not told by the format";
  if (report.ledger && report.ledger->lost_total() != 0) {
    text += fmt::format("; {} of {} requests lost", grouped(report.ledger->lost_total()), grouped(report.ledger->seen));
  }
  if (report.damages != 0) {
    text += fmt::format("; {} damaged {}", grouped(report.damages), report.damages == 1 ? "place" : "places");
  }
  return text;
}

// The reasons of a ledger that are not zero: "gap 10, queue_full 2".
template <typename Reason, std::size_t count>
std::vector<std::pair<std::string_view, std::uint64_t>> reasons_of(const std::array<std::uint64_t, count>& counts) {
  std::vector<std::pair<std::string_view, std::uint64_t>> reasons;
  for (std::size_t i = 0; i < count; ++i) {
    if (counts[i] != 0) reasons.emplace_back(to_string(static_cast<Reason>(i)), counts[i]);
  }
  return reasons;
}

std::string named_counts(const std::vector<std::pair<std::string_view, std::uint64_t>>& reasons) {
  return joined(reasons, ", ", [](const auto& item) { return fmt::format("{} {}", item.first, grouped(item.second)); });
}

std::string body_text(const BodyTotals& totals) {
  if (totals.messages == 0) return "none";
  std::string text = fmt::format("{}, {} in all, largest {}", grouped(totals.messages), byte_text(totals.bytes),
                                 byte_text(totals.largest));
  if (totals.not_kept != 0) text += fmt::format(" ({} not kept)", grouped(totals.not_kept));
  return text;
}

std::string request_text(const Inspection& inspection) {
  std::string text = grouped(inspection.report.exchanges);
  if (inspection.sessions_are_known) {
    text +=
        fmt::format(" in {}{} sessions", inspection.sessions_are_exact ? "" : "about ", grouped(inspection.sessions));
  } else {
    text += ", sessions not told by the format";
  }
  text += fmt::format("; {:.1f}/s on average", inspection.requests_per_second);
  if (inspection.peak_at) {
    text += fmt::format(", {} in the busiest second ({})", grouped(inspection.peak_second),
                        time_of(*inspection.peak_at).substr(11, 8));
  }
  return text;
}

void append_routes(std::string& out, const Inspection& inspection) {
  std::string summary = grouped(inspection.routes_distinct);
  if (inspection.routes_other != 0) summary += fmt::format("; {} requests of others", grouped(inspection.routes_other));
  append_line(out, "routes", summary);
  for (const CountedName& route : inspection.routes) {
    const double share = 100.0 * static_cast<double>(route.count) /
                         static_cast<double>(std::max<std::uint64_t>(inspection.report.exchanges, 1));
    append_line(out, "", fmt::format("{:>12} {:5.1f} %  {}", grouped(route.count), share, route.name));
  }
}

void append_damage(std::string& out, const RecordingReport& report) {
  if (report.damages == 0) return;
  append_line(out, "damage", fmt::format("{} {}", grouped(report.damages), report.damages == 1 ? "place" : "places"));
  for (std::size_t i = 0; i < std::min(report.damage.size(), damages_shown_max); ++i) {
    const RecordingDamage& damage = report.damage[i];
    append_line(out, "", fmt::format("{} at {}: {}", damage.file, grouped(damage.offset), damage.text));
  }
  if (report.damages > damages_shown_max) {
    append_line(out, "", fmt::format("and {} more", grouped(report.damages - damages_shown_max)));
  }
}

void write_counts(JsonWriter& json, std::string_view key,
                  const std::vector<std::pair<std::string_view, std::uint64_t>>& reasons) {
  json.key(key).begin_object();
  for (const auto& [name, count] : reasons) json.member(name, count);
  json.end_object();
}

void write_bodies(JsonWriter& json, std::string_view key, const BodyTotals& totals) {
  json.key(key).begin_object().member("messages", totals.messages).member("bytes", totals.bytes);
  json.member("largest", totals.largest).member("not_kept", totals.not_kept).end_object();
}

void write_time(JsonWriter& json, std::string_view key, const std::optional<WallTime>& time) {
  json.key(key);
  if (!time) {
    json.null();
    return;
  }
  std::string text;
  append_rfc3339(text, *time);
  json.value(text);
}

void write_names(JsonWriter& json, std::string_view key, const std::vector<CountedName>& names) {
  json.key(key).begin_array();
  for (const CountedName& name : names) {
    json.begin_object().member("name", name.name).member("requests", name.count).end_object();
  }
  json.end_array();
}

void write_report(JsonWriter& json, const RecordingReport& report) {
  json.member("format", report.format).member("files", report.files).member("bytes", report.bytes);
  json.member("origin", report.origin).member("completeness", completeness_name(report.completeness));
  write_time(json, "first", report.first);
  write_time(json, "last", report.last);
  json.key("servers").begin_array();
  for (const std::string& server : report.servers) json.value(server);
  json.end_array().key("ledger");
  if (report.ledger) {
    json.begin_object().member("seen", report.ledger->seen).member("delivered", report.ledger->delivered);
    write_counts(json, "filtered_by", reasons_of<FilterReason>(report.ledger->filtered));
    write_counts(json, "lost_by", reasons_of<LossReason>(report.ledger->lost));
    json.end_object();
  } else {
    json.null();
  }
  json.key("left_out").begin_array();
  for (const LeftOut& left_out : report.left_out) {
    json.begin_object().member("reason", left_out.reason).member("count", left_out.count).end_object();
  }
  json.end_array().member("damages", report.damages).key("damage").begin_array();
  for (const RecordingDamage& damage : report.damage) {
    json.begin_object().member("file", damage.file).member("offset", damage.offset).member("length", damage.length);
    json.member("text", damage.text).end_object();
  }
  json.end_array();
}

}  // namespace

std::string to_text(const Inspection& inspection) {
  const RecordingReport& report = inspection.report;
  std::string out;
  std::string what = fmt::format("{}, {} {}, {}", report.format, grouped(report.files),
                                 report.files == 1 ? "file" : "files", byte_text(report.bytes));
  if (!report.origin.empty()) what += "; " + report.origin;
  append_line(out, "recording", what);
  append_line(out, "completeness", completeness_text(report));
  if (report.first && report.last) {
    append_line(out, "time",
                fmt::format("{} to {} ({})", time_of(*report.first), time_of(*report.last),
                            duration_text(inspection.duration)));
  }
  append_line(out, "requests", request_text(inspection));
  append_line(out, "responses",
              fmt::format("{}; {} requests have none, {} were seen only in part", grouped(report.responses),
                          grouped(inspection.responses_missing), grouped(inspection.responses_cut)));
  append_line(out, "methods", joined(inspection.methods, ", ", [](const CountedName& method) {
                return fmt::format("{} {}", method.name, grouped(method.count));
              }));
  append_line(out, "statuses", joined(inspection.statuses, ", ", [](const auto& status) {
                return fmt::format("{}: {}", status.first, grouped(status.second));
              }));
  append_routes(out, inspection);
  append_line(out, "bodies",
              fmt::format("requests {}; responses {}", body_text(inspection.request_bodies),
                          body_text(inspection.response_bodies)));
  if (!report.servers.empty()) {
    append_line(out, "servers", joined(report.servers, ", ", [](const std::string& server) { return server; }));
  }
  if (report.ledger) {
    const auto lost = reasons_of<LossReason>(report.ledger->lost);
    const auto filtered = reasons_of<FilterReason>(report.ledger->filtered);
    if (!lost.empty()) append_line(out, "lost", named_counts(lost));
    if (!filtered.empty()) append_line(out, "filtered", named_counts(filtered));
  }
  for (const LeftOut& left_out : report.left_out) {
    append_line(out, "left out", fmt::format("{} {}", grouped(left_out.count), left_out.reason));
  }
  append_damage(out, report);
  return out;
}

std::string to_json(const Inspection& inspection) {
  JsonWriter json;
  json.begin_object();
  write_report(json, inspection.report);
  json.member("duration_seconds", std::chrono::duration<double>(inspection.duration).count());
  json.member("requests", inspection.report.exchanges).member("responses", inspection.report.responses);
  json.member("responses_missing", inspection.responses_missing).member("responses_cut", inspection.responses_cut);
  json.key("sessions");
  if (inspection.sessions_are_known) {
    json.value(inspection.sessions);
  } else {
    json.null();
  }
  json.member("sessions_are_exact", inspection.sessions_are_exact);
  json.member("requests_per_second", inspection.requests_per_second).member("peak_second", inspection.peak_second);
  write_time(json, "peak_at", inspection.peak_at);
  write_names(json, "methods", inspection.methods);
  json.key("statuses").begin_object();
  for (const auto& [status, count] : inspection.statuses) json.member(std::to_string(status), count);
  json.end_object();
  write_names(json, "routes", inspection.routes);
  json.member("routes_distinct", inspection.routes_distinct).member("routes_other", inspection.routes_other);
  write_bodies(json, "request_bodies", inspection.request_bodies);
  write_bodies(json, "response_bodies", inspection.response_bodies);
  json.end_object();
  return json.take();
}

}  // namespace understudy
