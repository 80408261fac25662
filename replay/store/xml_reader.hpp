// Reads the XML that object stores answer with: elements and text (XML 1.0, without what such answers never hold).
//
// Strict and bounded: a document type (and with it every entity of one's own) is refused, and so are nesting beyond
// depth_max, more than elements_max elements, and anything that is not well formed. White space before the XML
// declaration is passed over: stores send it to keep a connection open. Attributes are checked and forgotten, prefixes
// of names are dropped. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/error.hpp"

namespace understudy {

struct XmlElement {
  std::string name;
  std::string text;  // all of its own, in one; references resolved
  std::vector<XmlElement> children;

  // The first of that name; null where there is none.
  [[nodiscard]] const XmlElement* child(std::string_view child_name) const;
  // Its text; empty where there is none.
  [[nodiscard]] std::string_view text_of(std::string_view child_name) const;
};

inline constexpr std::size_t xml_depth_max = 16;
inline constexpr std::size_t xml_elements_max = 100'000;

// The root. ExitCode::target_invalid.
[[nodiscard]] Result<XmlElement> parse_xml(std::string_view text);

}  // namespace understudy
