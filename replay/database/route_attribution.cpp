#include "replay/database/route_attribution.hpp"

#include <algorithm>

namespace understudy {
namespace {

constexpr std::size_t trace_id_size_max = 256;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_coded =
        text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    out += is_coded ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])) : text[i];
    if (is_coded) i += 2;
  }
  return out;
}

bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// The value of a key inside one comment.
std::optional<std::string> value_in(std::string_view comment, std::string_view key) {
  for (std::size_t at = comment.find(key); at != std::string_view::npos; at = comment.find(key, at + 1)) {
    std::size_t next = at + key.size();
    if (at > 0 && (is_word(comment[at - 1]) || comment[at - 1] == '-')) continue;
    while (next < comment.size() && comment[next] == ' ') ++next;
    if (next >= comment.size() || (comment[next] != '=' && comment[next] != ':')) continue;
    ++next;
    while (next < comment.size() && comment[next] == ' ') ++next;
    const char quote = next < comment.size() && (comment[next] == '\'' || comment[next] == '"') ? comment[next] : '\0';
    if (quote != '\0') ++next;
    const std::size_t end = quote != '\0' ? comment.find(quote, next) : comment.find_first_of(" ,;\t\r\n", next);
    const std::string_view value = comment.substr(next, end == std::string_view::npos ? end : end - next);
    if (!value.empty() && value.size() <= trace_id_size_max) return percent_decoded(value);
  }
  return std::nullopt;
}

// W3C Trace Context, 3.2: version "-" trace-id "-" parent-id "-" flags.
std::string trace_id_in(const std::string& traceparent) {
  const bool is_whole = traceparent.size() >= 55 && traceparent[2] == '-' && traceparent[35] == '-';
  return is_whole ? traceparent.substr(3, 32) : traceparent;
}

}  // namespace

// Comments are at either end in practice; whatever stands in a literal looks the same to this search, and does no harm
// unless it holds the key.
std::optional<std::string> trace_id_of(std::string_view statement, std::string_view key) {
  for (std::size_t begin = statement.find("/*"); begin != std::string_view::npos;
       begin = statement.find("/*", begin + 2)) {
    const std::size_t end = statement.find("*/", begin + 2);
    if (end == std::string_view::npos) return std::nullopt;
    auto value = value_in(statement.substr(begin + 2, end - begin - 2), key);
    if (value) return key == "traceparent" ? trace_id_in(*value) : *value;
    begin = end;
  }
  return std::nullopt;
}

RouteAttributor::RouteAttributor(std::vector<RoutedRequest> requests, std::string key)
    : requests_(std::move(requests)), key_(std::move(key)) {
  std::ranges::stable_sort(requests_, {}, &RoutedRequest::sent_at);
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    if (!requests_[i].trace_id.empty()) by_trace_.try_emplace(requests_[i].trace_id, i);
    longest_ = std::max(longest_, requests_[i].answered_at - requests_[i].sent_at);
  }
}

void RouteAttributor::take(const LoggedStatement& statement, const std::string& class_key) {
  const double ms = std::chrono::duration<double, std::milli>(statement.duration).count();
  const auto count = [&](const std::string& route, double part) {
    RouteShare& share = result_.routes[route][class_key];
    share.statements += part;
    share.milliseconds += part * ms;
  };
  if (const auto id = trace_id_of(statement.text, key_)) {
    if (const auto found = by_trace_.find(*id); found != by_trace_.end()) {
      count(requests_[found->second].route, 1);
      ++result_.by_trace;
      return;
    }
  }
  // The log has milliseconds, so a request that began within the same one counts as well.
  const WallTime began = statement.began_at();
  const WallTime latest = began + std::chrono::milliseconds(1);
  auto first = std::ranges::lower_bound(requests_, began - longest_, {}, &RoutedRequest::sent_at);
  std::vector<const RoutedRequest*> under_way;
  for (; first != requests_.end() && first->sent_at <= latest; ++first) {
    if (first->answered_at >= began) under_way.push_back(&*first);
  }
  if (under_way.empty()) {
    count("", 1);
    ++result_.unexplained;
    return;
  }
  for (const RoutedRequest* request : under_way) count(request->route, 1.0 / static_cast<double>(under_way.size()));
  ++result_.by_time;
}

}  // namespace understudy
