// How values, headers' names and places in JSON are shown: short, printable, on one line.
#pragma once

#include <boost/json/value.hpp>
#include <span>
#include <string>
#include <string_view>

namespace understudy {

inline constexpr std::string_view hidden_value = "[redacted]";
inline constexpr std::string_view no_value = "(none)";

// The text, printable, cut to shown_value_max bytes with "..." behind it.
[[nodiscard]] std::string shown_text(std::string_view text);
// A value as JSON; of an object and an array only the size.
[[nodiscard]] std::string shown_json(const boost::json::value& value);
// "X-Request-Id" for every spelling of it.
[[nodiscard]] std::string shown_header_name(std::string_view name);

// Where a value lies: a member's name, or nothing for an element.
struct PlaceSegment {
  std::string_view name;
  bool is_element = false;
};
// The pointer (RFC 6901), "*" for an element and for a name that looks like an identifier; shape_max bytes at most.
[[nodiscard]] std::string shape_of(std::span<const PlaceSegment> place);

}  // namespace understudy
