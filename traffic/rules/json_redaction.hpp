// Replaces chosen values in JSON text, and keeps every other byte as it is.
//
// A scanner, not a parser: no tree is built, numbers and words are passed over as they are, strings are decoded only to
// compare a member's name. It reads a sequence of values with white space between them, so NDJSON works.
//
// Fails closed: where the text is no JSON (cut, malformed, or nested deeper than json_depth_max), one marker takes the
// place of everything from the damaged token on, since nobody can tell what it holds. A result that would be larger
// than twice the text and 64 KiB becomes one marker as a whole.
//
// Thread safety: const objects may be used from any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/rules/marker.hpp"

namespace understudy {

inline constexpr std::size_t json_depth_max = 256;

// Which values: members of a name at any depth, and values at a pointer (RFC 6901) from the root.
class JsonSelection {
 public:
  void add_name(std::string name) { names_.push_back(std::move(name)); }
  // False when it is no pointer: it begins with "/", and "~" is followed by 0 or 1. Its segment "*" stands for every
  // member or element.
  [[nodiscard]] bool add_pointer(std::string_view pointer);

  [[nodiscard]] bool empty() const { return names_.empty() && pointers_.empty(); }

 private:
  friend class JsonScanner;
  using Pointer = std::vector<std::string>;

  std::vector<std::string> names_;
  std::vector<Pointer> pointers_;
};

// The text with the selected values redacted, or nothing when none is in it. The digest of a keyed marker is of a
// string's decoded content, and of any other value's text.
[[nodiscard]] std::optional<std::string> redact_json(std::string_view json, const JsonSelection& selection,
                                                     const Marker& marker);

// What stands in place of a selected value, as JSON text; nothing leaves it as it is. `value` is a string's decoded
// content, and any other value's text. Valid during the call.
using JsonReplacement = std::function<std::optional<std::string>(std::string_view value, bool is_string)>;

// The text with selected values replaced, or nothing when none was. Here a text that is no JSON stays as it is, too.
[[nodiscard]] std::optional<std::string> replace_json(std::string_view json, const JsonSelection& selection,
                                                      const JsonReplacement& replacement);

}  // namespace understudy
