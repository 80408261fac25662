// Reads the JSON values of recordings: each kind of member, or nothing where it is missing or of another kind.
//
// Thread safety: pure functions.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace understudy {

[[nodiscard]] const boost::json::value* find_member(const boost::json::object& object, std::string_view name);
[[nodiscard]] const boost::json::object* find_object(const boost::json::object& object, std::string_view name);
[[nodiscard]] const boost::json::array* find_array(const boost::json::object& object, std::string_view name);
// Valid as long as the object is.
[[nodiscard]] std::optional<std::string_view> find_string(const boost::json::object& object, std::string_view name);
// A number without decimals.
[[nodiscard]] std::optional<std::int64_t> find_integer(const boost::json::object& object, std::string_view name);
[[nodiscard]] bool find_flag(const boost::json::object& object, std::string_view name, bool otherwise);

// The text that stands behind the first `key`, which is in its quotes, of a document that may be cut: a look ahead, for
// texts without escapes.
[[nodiscard]] std::optional<std::string_view> first_text_of(std::string_view document, std::string_view key);

// The bytes whose code points the text holds (Latin-1; see append_json_latin1). Empty where a code point is above
// U+00FF. REQUIRES: valid UTF-8, as the parser gives it.
[[nodiscard]] std::optional<std::string> latin1_bytes(std::string_view text);

}  // namespace understudy
