// Small readers for the grammar of rule_options.hpp, and the errors that point into a rule.
//
// Nothing here is on a request's way: it runs when rules are compiled.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/error.hpp"
#include "traffic/http/byte_scan.hpp"

namespace understudy {

// One rule's text and where it came from, for error messages. Borrowed.
struct RuleText {
  std::string_view option;  // "deny"
  std::string_view text;
};

// ExitCode::usage with "deny 'TEXT': at character N: PROBLEM". `part` is the piece of rule.text that the problem is in;
// a piece that is no part of it (it was unquoted first) leaves the position out.
[[nodiscard]] tl::unexpected<Error> rule_error(const RuleText& rule, std::string_view part, std::string_view problem);

// Splits at `separator` where it is outside double quotes. A quote opens only behind an operator (= or ~), and inside
// it a backslash hides the next character. Pieces are trimmed. Always at least one piece.
[[nodiscard]] std::vector<std::string_view> split_outside_quotes(std::string_view text, std::string_view separator);

// The text without its quotes if it is in quotes (\" and \\ are undone), else as it is. Nothing: the closing quote
// is missing, or something follows it.
[[nodiscard]] std::optional<std::string> unquote(std::string_view text);

// A field name: one or more token characters (RFC 9110 section 5.6.2).
[[nodiscard]] bool is_token(std::string_view text);

// A field value: no control characters but tab (RFC 9110 section 5.5), no white space around it.
[[nodiscard]] bool is_field_value(std::string_view text);

}  // namespace understudy
