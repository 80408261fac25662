#include "replay/compare/set_cookie.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/compare/shown_value.hpp"
#include "replay/route/identifier.hpp"
#include "traffic/http/byte_scan.hpp"
#include "traffic/rules/marker.hpp"
#include "traffic/rules/selector.hpp"

namespace understudy {
namespace {

struct SetCookie {
  std::string_view name;
  std::string attributes;  // in lower case, sorted, without those that tell a time: "; httponly; path=/"
};

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return lowered;
}

// A Set-Cookie value has the form of a Cookie one: pairs with ";" between them (RFC 6265 section 4.1.1).
SetCookie parse_cookie(std::string_view field_value) {
  SetCookie cookie;
  std::string_view name;
  std::string_view value;
  if (next_cookie(field_value, name, value)) cookie.name = name;
  std::vector<std::string> attributes;
  while (next_cookie(field_value, name, value)) {
    std::string attribute = lower(name);
    if (attribute == "expires" || attribute == "max-age") continue;
    if (!value.empty()) attribute.append("=").append(attribute == "path" ? std::string(value) : lower(value));
    attributes.push_back(std::move(attribute));
  }
  std::ranges::sort(attributes);
  for (const std::string& attribute : attributes) cookie.attributes.append("; ").append(attribute);
  return cookie;
}

// Nothing when a value is redacted: its name cannot be told.
std::optional<std::vector<SetCookie>> cookies_of(const HttpMessage& message) {
  std::vector<SetCookie> cookies;
  for (const FieldLine& field : message.fields()) {
    if (!equals_ignoring_case(message.name(field), "set-cookie")) continue;
    if (is_marker(message.value(field))) return std::nullopt;
    cookies.push_back(parse_cookie(message.value(field)));
  }
  return cookies;
}

const SetCookie* find(const std::vector<SetCookie>& cookies, std::string_view name) {
  const auto found = std::ranges::find(cookies, name, &SetCookie::name);
  return found == cookies.end() ? nullptr : &*found;
}

void note(std::string_view name, const SetCookie* expected, const SetCookie* actual, Differences& differences) {
  const std::string shown_name = looks_like_identifier(name) ? "*" : shown_text(name);
  const auto shown = [&](const SetCookie* cookie) {
    if (cookie == nullptr) return std::string(no_value);
    return shown_text(shown_name + "=" + std::string(hidden_value) + cookie->attributes);
  };
  differences.add({DifferenceKind::header, "Set-Cookie: " + shown_name, shown(expected), shown(actual), 0});
}

}  // namespace

void compare_cookies(const HttpMessage& expected, const HttpMessage& actual, Differences& differences) {
  const auto left = cookies_of(expected);
  const auto right = cookies_of(actual);
  if (!left || !right) return;
  for (const SetCookie& cookie : *left) {
    const SetCookie* const other = find(*right, cookie.name);
    if (other == nullptr || other->attributes != cookie.attributes) note(cookie.name, &cookie, other, differences);
  }
  for (const SetCookie& cookie : *right) {
    if (find(*left, cookie.name) == nullptr) note(cookie.name, nullptr, &cookie, differences);
  }
}

}  // namespace understudy
