#include "traffic/rules/multipart.hpp"

#include <algorithm>
#include <cstddef>

#include "traffic/http/byte_scan.hpp"
#include "traffic/http/message.hpp"

namespace understudy {
namespace {

// Takes the next ";"-separated parameter off a field value, quotes respected (RFC 9110 section 5.6.6).
std::string_view take_parameter(std::string_view& rest) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size(); ++end) {
    if (quoted && rest[end] == '\\') {
      ++end;
    } else if (rest[end] == '"') {
      quoted = !quoted;
    } else if (!quoted && rest[end] == ';') {
      break;
    }
  }
  const std::string_view parameter = trim_blanks(rest.substr(0, end));
  rest = end < rest.size() ? rest.substr(end + 1) : std::string_view();
  return parameter;
}

// The value of a parameter, unquoted; nothing when it is not there.
std::optional<std::string> find_parameter(std::string_view field_value, std::string_view wanted) {
  for (std::string_view rest = field_value; !rest.empty();) {
    const std::string_view parameter = take_parameter(rest);
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    if (!equals_ignoring_case(trim_blanks(parameter.substr(0, equals)), wanted)) continue;
    const std::string_view value = trim_blanks(parameter.substr(equals + 1));
    if (!value.starts_with('"')) return std::string(value);
    std::string plain;
    for (std::size_t i = 1; i < value.size() && value[i] != '"'; ++i) {
      if (value[i] == '\\' && i + 1 < value.size()) ++i;
      plain += value[i];
    }
    return plain;
  }
  return std::nullopt;
}

// The form field's name in a part's head; nothing when it has none.
std::optional<std::string> name_of_part(std::string_view head) {
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head = end == std::string_view::npos ? std::string_view() : head.substr(end + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (!equals_ignoring_case(trim_blanks(line.substr(0, colon)), "content-disposition")) continue;
    return find_parameter(line.substr(colon + 1), "name");
  }
  return std::nullopt;
}

}  // namespace

std::string multipart_boundary(std::string_view content_type) {
  return find_parameter(content_type, "boundary").value_or("");
}

std::optional<std::string> replace_parts(
    std::string_view body, std::string_view boundary,
    const std::function<std::optional<std::string>(std::string_view name, std::string_view content)>& replace,
    const std::function<std::string(std::string_view rest)>& replace_damage) {
  const std::string first = "--" + std::string(boundary);
  const std::string delimiter = "\r\n" + first;
  if (boundary.empty()) return replace_damage(body);
  std::string out;
  std::size_t copied = 0;
  // What follows a delimiter: "--" at the end of all parts, else a line end and a part's head.
  std::size_t at = body.starts_with(first) ? first.size() : body.find(delimiter);
  if (at == std::string_view::npos) return replace_damage(body);
  if (!body.starts_with(first)) at += delimiter.size();
  while (!body.substr(at).starts_with("--")) {
    const std::size_t head_end = body.find("\r\n\r\n", at);
    if (head_end == std::string_view::npos) {
      out.append(body.substr(copied, at - copied)).append(replace_damage(body.substr(at)));
      return out;
    }
    const std::size_t begin = head_end + 4;
    // A part without content: the delimiter's line end is the head's.
    const std::size_t next = body.find(delimiter, head_end + 2);
    const std::size_t end = std::min(next, body.size());
    const auto name = name_of_part(body.substr(at, head_end - at));
    if (name && end >= begin) {
      if (const auto text = replace(*name, body.substr(begin, end - begin))) {
        out.append(body.substr(copied, begin - copied)).append(*text);
        copied = end;
      }
    }
    if (next == std::string_view::npos) break;  // cut: the last part's name is known
    at = next + delimiter.size();
  }
  if (copied == 0) return std::nullopt;
  return out.append(body.substr(copied));
}

}  // namespace understudy
