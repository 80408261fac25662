#include "replay/compare/shown_value.hpp"

#include <fmt/format.h>

#include <cstddef>

#include "replay/compare/difference.hpp"
#include "replay/route/identifier.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

constexpr std::string_view cut_mark = "...";

// Cuts at a limit, never inside a character of UTF-8.
void cut(std::string& text, std::size_t limit) {
  if (text.size() <= limit) return;
  std::size_t end = limit - cut_mark.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  text += cut_mark;
}

}  // namespace

std::string shown_text(std::string_view text) {
  std::string shown;
  append_printable(shown, text.substr(0, shown_value_max + 1));
  cut(shown, shown_value_max);
  return shown;
}

std::string shown_json(const boost::json::value& value) {
  using boost::json::kind;
  switch (value.kind()) {
    case kind::null: return "null";
    case kind::bool_: return value.get_bool() ? "true" : "false";
    case kind::int64: return fmt::format("{}", value.get_int64());
    case kind::uint64: return fmt::format("{}", value.get_uint64());
    case kind::double_: return fmt::format("{}", value.get_double());
    case kind::string: {
      const std::string_view text(value.get_string().data(), value.get_string().size());
      std::string shown;
      append_json_string(shown, text.substr(0, shown_value_max + 1));
      cut(shown, shown_value_max);
      return shown;
    }
    case kind::array: return fmt::format("[{} elements]", value.get_array().size());
    case kind::object: return fmt::format("{{{} members}}", value.get_object().size());
  }
  return {};
}

std::string shown_header_name(std::string_view name) {
  std::string shown = shown_text(name);
  bool first = true;
  for (char& c : shown) {
    if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 0x20);
    if (!first && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 0x20);
    first = c == '-';
  }
  return shown;
}

std::string shape_of(std::span<const PlaceSegment> place) {
  std::string escaped;
  for (const PlaceSegment& segment : place) {
    escaped += '/';
    if (segment.is_element || looks_like_identifier(segment.name)) {
      escaped += '*';
      continue;
    }
    for (const char c : segment.name.substr(0, shape_max)) {
      if (c == '~') {
        escaped += "~0";
      } else if (c == '/') {
        escaped += "~1";
      } else {
        escaped += c;
      }
    }
    if (escaped.size() > shape_max) break;
  }
  std::string shape;
  append_printable(shape, escaped);
  cut(shape, shape_max);
  return shape;
}

}  // namespace understudy
