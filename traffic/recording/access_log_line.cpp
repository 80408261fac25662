#include "traffic/recording/access_log_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "traffic/base/time_text.hpp"
#include "traffic/http/message.hpp"
#include "traffic/recording/access_log_words.hpp"

namespace understudy {
namespace {

constexpr std::size_t lines_looked_at = 20;

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string known(const std::string& word) { return word == "-" ? std::string() : word; }

// "02/Jan/2026:03:04:05 +0000".
std::optional<WallTime> parse_log_time(std::string_view text) {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() < 26 || text[2] != '/' || text[6] != '/' || text[11] != ':') return std::nullopt;
  const auto month = std::find(months.begin(), months.end(), text.substr(3, 3));
  if (month == months.end()) return std::nullopt;
  return parse_rfc3339(fmt::format("{}-{:02}-{}T{}{}", text.substr(7, 4), month - months.begin() + 1, text.substr(0, 2),
                                   text.substr(12, 8), text.substr(21)));
}

// Blanks and controls in a target were decoded by the server, or are none of a request that could be sent.
std::string encode_blanks(std::string_view target) {
  std::string text;
  for (const char c : target) {
    if (static_cast<unsigned char>(c) > ' ' && c != 0x7f) {
      text += c;
    } else {
      text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return text;
}

// "GET /a HTTP/1.1" into its parts. Also the request of HTTP/0.9, which has no version.
bool parse_request_line(std::string_view line, AccessLogEntry& entry) {
  const std::size_t first = line.find(' ');
  if (first == std::string_view::npos || first == 0) return false;
  std::string_view target = line.substr(first + 1);
  const std::size_t last = target.rfind(' ');
  const std::string_view version = last == std::string_view::npos ? "" : target.substr(last + 1);
  if (!version.starts_with("HTTP/")) return false;
  target = target.substr(0, last);
  const auto is_letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  };
  entry.method = line.substr(0, first);
  if (target.empty() || !std::all_of(entry.method.begin(), entry.method.end(), is_letter)) return false;
  entry.target = encode_blanks(target);
  entry.is_http10 = version == "HTTP/1.0";
  return true;
}

// Of "https://api.test:443/a" the host and the path.
void split_absolute(AccessLogEntry& entry, std::string_view scheme_port) {
  const std::size_t scheme = entry.target.find("://");
  if (scheme == std::string::npos) return;
  const std::size_t begin = scheme + 3;
  const std::size_t path = std::min(entry.target.find_first_of("/?", begin), entry.target.size());
  std::string host = entry.target.substr(begin, path - begin);
  if (host.ends_with(scheme_port)) host.resize(host.size() - scheme_port.size());
  entry.host = std::move(host);
  entry.target.erase(0, path);
  if (!entry.target.starts_with('/')) entry.target.insert(0, "/");
}

}  // namespace

AccessLogResult AccessLogParser::parse(std::string_view line, AccessLogEntry& entry) {
  entry = AccessLogEntry();
  if (line.find_first_not_of(" \t") == std::string_view::npos) return AccessLogResult::nothing;
  switch (kind_) {
    case AccessLogKind::combined: return parse_combined(line, entry);
    case AccessLogKind::alb: return parse_alb(line, entry);
    case AccessLogKind::w3c: return parse_w3c(line, entry);
  }
  return AccessLogResult::unreadable;
}

// [host[:port]] client identity user [time] "request" status bytes ["referer" "user agent" ...]
AccessLogResult AccessLogParser::parse_combined(std::string_view line, AccessLogEntry& entry) {
  const std::size_t bracket = split_log_words(line, words_);
  // The time is the fourth word, or the fifth behind a virtual host. A user may be two words, as some names are.
  if (bracket < 3 || bracket > 5 || words_.size() < bracket + 4) return AccessLogResult::unreadable;
  const bool has_host = bracket >= 4;
  const auto time = parse_log_time(words_[bracket]);
  const auto status = number_of<int>(words_[bracket + 2]);
  const auto bytes =
      words_[bracket + 3] == "-" ? std::optional<std::uint64_t>(0) : number_of<std::uint64_t>(words_[bracket + 3]);
  if (!time || !status || !bytes || *status < 100 || *status > 999) return AccessLogResult::unreadable;
  entry.time = *time;
  entry.status = *status;
  entry.bytes = *bytes;
  if (has_host) {
    entry.host = words_[0];
    for (const std::string_view port : {":80", ":443"}) {
      if (entry.host.ends_with(port)) entry.host.resize(entry.host.size() - port.size());
    }
  }
  entry.client = words_[has_host ? 1 : 0];
  if (words_.size() > bracket + 5) {
    entry.referer = known(words_[bracket + 4]);
    entry.user_agent = known(words_[bracket + 5]);
  }
  return parse_request_line(words_[bracket + 1], entry) ? AccessLogResult::entry : AccessLogResult::no_request;
}

AccessLogResult AccessLogParser::parse_alb(std::string_view line, AccessLogEntry& entry) {
  static_cast<void>(split_log_words(line, words_));
  // 0 type, 1 time, 3 client:port, 5 to 7 processing times, 8 status, 11 sent bytes, 12 request, 13 user agent, 21 time
  // of the request's arrival
  if (words_.size() < 14) return AccessLogResult::unreadable;
  const auto sent_at = parse_rfc3339(words_[1]);
  const auto bytes = number_of<std::uint64_t>(words_[11]);
  if (!sent_at || !bytes) return AccessLogResult::unreadable;
  entry.time = *sent_at;
  if (words_.size() > 21) {
    if (const auto created = parse_rfc3339(words_[21]); created && *created <= *sent_at) {
      entry.time = *created;
      entry.took = *sent_at - *created;
    }
  }
  entry.client = words_[3].substr(0, words_[3].rfind(':'));
  entry.bytes = *bytes;
  entry.bytes_are_of_body = false;
  entry.user_agent = known(words_[13]);
  const auto status = number_of<int>(words_[8]);
  if (!status || *status < 100 || *status > 999) return AccessLogResult::no_request;  // "-": the client went away
  entry.status = *status;
  if (!parse_request_line(words_[12], entry)) return AccessLogResult::no_request;
  split_absolute(entry, words_[12].find(" https://") == std::string::npos ? ":80" : ":443");
  return AccessLogResult::entry;
}

AccessLogResult AccessLogParser::parse_w3c(std::string_view line, AccessLogEntry& entry) {
  if (line.starts_with('#')) {
    if (line.starts_with("#Fields:")) split_at_blanks(line.substr(8), fields_);
    if (line.starts_with("#Date:") && line.size() > 17) date_ = line.substr(7, 10);
    return AccessLogResult::nothing;
  }
  split_at_blanks(line, words_);
  if (fields_.empty() || words_.size() != fields_.size()) return AccessLogResult::unreadable;
  const auto field = [&](std::string_view name) -> std::string {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (equals_ignoring_case(fields_[i], name)) return known(words_[i]);
    }
    return {};
  };
  const std::string date = field("date");
  const auto time = parse_rfc3339(fmt::format("{}T{}Z", date.empty() ? date_ : date, field("time")));
  const auto status = number_of<int>(field("sc-status"));
  if (!time || !status || *status < 100 || *status > 999) return AccessLogResult::unreadable;
  entry.time = *time;
  entry.status = *status;
  entry.bytes = number_of<std::uint64_t>(field("sc-bytes")).value_or(0);
  entry.bytes_are_of_body = false;
  if (const auto took = number_of<std::uint32_t>(field("time-taken"))) entry.took = std::chrono::milliseconds(*took);
  entry.client = field("c-ip");
  entry.method = field("cs-method");
  entry.host = field("cs-host");
  entry.is_http10 = field("cs-version") == "HTTP/1.0";
  // Blanks are written as "+" in the fields of a header.
  entry.user_agent = field("cs(User-Agent)");
  std::replace(entry.user_agent.begin(), entry.user_agent.end(), '+', ' ');
  entry.referer = field("cs(Referer)");
  const std::string query = field("cs-uri-query");
  entry.target = encode_blanks(field("cs-uri-stem")) + (query.empty() ? "" : "?" + encode_blanks(query));
  const bool is_whole = !entry.method.empty() && entry.target.starts_with('/');
  return is_whole ? AccessLogResult::entry : AccessLogResult::no_request;
}

std::optional<AccessLogKind> find_access_log_kind(std::string_view first_bytes) {
  for (const AccessLogKind kind : {AccessLogKind::w3c, AccessLogKind::alb, AccessLogKind::combined}) {
    AccessLogParser parser(kind);
    AccessLogEntry entry;
    std::size_t entries = 0;
    std::size_t others = 0;
    bool has_fields = false;
    std::string_view rest = first_bytes;
    for (std::size_t line = 0; line < lines_looked_at && !rest.empty(); ++line) {
      const std::size_t end = rest.find('\n');
      const bool is_cut = end == std::string_view::npos;  // by the end of what is looked at
      if (is_cut && line != 0) break;
      std::string_view text = rest.substr(0, end);
      if (text.ends_with('\r')) text.remove_suffix(1);
      has_fields = has_fields || text.starts_with("#Fields:");
      const AccessLogResult result = parser.parse(text, entry);
      if (result == AccessLogResult::unreadable) ++others;
      if (result == AccessLogResult::entry || result == AccessLogResult::no_request) ++entries;
      if (is_cut) break;
      rest.remove_prefix(end + 1);
    }
    if (entries > 0 && entries >= others) return kind;
    if (kind == AccessLogKind::w3c && has_fields) return kind;
  }
  return std::nullopt;
}

}  // namespace understudy
