// match_start(): the strict test for a message start in the middle of a stream.
#include <algorithm>

#include "traffic/http/byte_scan.hpp"
#include "traffic/http/head_parser.hpp"

namespace understudy {
namespace {

constexpr std::size_t line_max = std::size_t{64} << 10;

// The methods of the IANA registry (RFC 9110 section 16.1.1), and those of UPnP, caches and widespread products.
constexpr std::string_view known_methods[] = {
    "GET",
    "POST",
    "PUT",
    "HEAD",
    "DELETE",
    "OPTIONS",
    "PATCH",
    "TRACE",
    "CONNECT",
    "QUERY",
    "ACL",
    "BASELINE-CONTROL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "COPY",
    "LABEL",
    "LINK",
    "LOCK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "ORDERPATCH",
    "PROPFIND",
    "PROPPATCH",
    "REBIND",
    "REPORT",
    "SEARCH",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
    "M-SEARCH",
    "NOTIFY",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "PURGE",
    "BAN",
    "RPC_IN_DATA",
    "RPC_OUT_DATA",
    "BITS_POST",
    "CCM_POST",
    "SOURCE",
};

// How `bytes` begins with a known method and a space; `length` is the method's when it does.
[[nodiscard]] StartMatch match_method(std::string_view bytes, std::size_t& length) {
  StartMatch best = StartMatch::no;
  for (const std::string_view method : known_methods) {
    const std::size_t compared = std::min(method.size(), bytes.size());
    if (bytes.substr(0, compared) != method.substr(0, compared)) continue;
    if (bytes.size() <= method.size()) {
      best = StartMatch::partial;
    } else if (bytes[method.size()] == ' ') {
      length = method.size();
      return StartMatch::yes;
    }
  }
  return best;
}

constexpr bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

// What follows a method of `method_end` bytes and a space.
[[nodiscard]] StartMatch match_request_line(std::string_view bytes, std::size_t method_end) {
  const std::size_t end = find_control(bytes, method_end);
  if (end > line_max) return StartMatch::no;
  const std::string_view rest = bytes.substr(method_end + 1, end - method_end - 1);
  const std::string_view target = rest.substr(0, rest.find(' '));
  // Origin-form, absolute-form, authority-form or "*".
  if (!target.empty() && target[0] == ' ') return StartMatch::no;
  for (const char byte : target)
    if (static_cast<unsigned char>(byte) <= 0x20 || byte == 0x7f) return StartMatch::no;
  const std::string_view version = rest.size() > target.size() ? rest.substr(target.size() + 1) : std::string_view();
  constexpr std::string_view wanted = "HTTP/1.";
  const std::size_t compared = std::min(version.size(), wanted.size());
  if (version.substr(0, compared) != wanted.substr(0, compared) || version.size() > wanted.size() + 1)
    return StartMatch::no;
  if (version.size() == wanted.size() + 1 && !is_digit(version.back())) return StartMatch::no;
  if (end == bytes.size()) return target.empty() && !rest.empty() ? StartMatch::no : StartMatch::partial;
  if (target.empty() || version.size() != wanted.size() + 1) return StartMatch::no;
  if (bytes[end] == '\n') return StartMatch::yes;
  if (bytes[end] != '\r') return StartMatch::no;
  if (end + 1 == bytes.size()) return StartMatch::partial;
  return bytes[end + 1] == '\n' ? StartMatch::yes : StartMatch::no;
}

[[nodiscard]] StartMatch match_response(std::string_view bytes) {
  constexpr std::string_view pattern = "HTTP/1.d ddd";  // d: a digit
  for (std::size_t i = 0; i < std::min(bytes.size(), pattern.size()); ++i) {
    const bool agrees = pattern[i] == 'd' ? is_digit(bytes[i]) : bytes[i] == pattern[i];
    if (!agrees) return StartMatch::no;
  }
  if (bytes.size() <= pattern.size()) return StartMatch::partial;
  const char next = bytes[pattern.size()];
  return next == ' ' || next == '\r' || next == '\n' ? StartMatch::yes : StartMatch::no;
}

}  // namespace

StartMatch match_start(MessageKind kind, std::string_view bytes) {
  if (kind == MessageKind::response) return match_response(bytes);
  std::size_t method_end = 0;
  const StartMatch method = match_method(bytes, method_end);
  return method == StartMatch::yes ? match_request_line(bytes, method_end) : method;
}

StartMatch match_start_of_any_method(std::string_view bytes) {
  std::size_t method_end = 0;
  while (method_end < bytes.size() && is_token_byte(bytes[method_end])) ++method_end;
  if (method_end == bytes.size()) return StartMatch::partial;
  return method_end > 0 && bytes[method_end] == ' ' ? match_request_line(bytes, method_end) : StartMatch::no;
}

}  // namespace understudy
