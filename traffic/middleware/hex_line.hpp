// Lines of GoReplay's middleware protocol: a message in hexadecimal, and a line end.
//
// Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace understudy {

// Appends two digits in lower case for each byte. No line end.
void append_hex(std::string& out, std::string_view bytes);

// The bytes of a line without its line end; digits of either case. Empty: not hexadecimal, or an odd number of digits.
[[nodiscard]] std::optional<std::string> decode_hex(std::string_view line);

}  // namespace understudy
