// Base64 (RFC 4648 section 4), as recordings use it.
//
// Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace understudy {

// Appends the encoded bytes; padding, if any, ends them.
void append_base64(std::string& out, std::string_view bytes);

// The decoded bytes. Padding may be missing; white space is passed over. Empty: not base64.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace understudy
