#include "traffic/rules/rule_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace understudy {
namespace {

// Whether `part` lies inside `whole` in memory; std::less orders pointers into different objects as well.
bool lies_within(std::string_view part, std::string_view whole) {
  const std::less_equal<> not_after;
  return not_after(whole.data(), part.data()) && not_after(part.data() + part.size(), whole.data() + whole.size());
}

}  // namespace

tl::unexpected<Error> rule_error(const RuleText& rule, std::string_view part, std::string_view problem) {
  if (!lies_within(part, rule.text)) {
    return fail(ExitCode::usage, fmt::format("{} '{}': {}", rule.option, rule.text, problem));
  }
  const auto position = static_cast<std::size_t>(part.data() - rule.text.data()) + 1;
  return fail(ExitCode::usage, fmt::format("{} '{}': at character {}: {}", rule.option, rule.text, position, problem));
}

std::vector<std::string_view> split_outside_quotes(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> pieces;
  std::size_t start = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted) {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == '"') {
        quoted = false;
      }
    } else if (text[i] == '"' && i > 0 && (text[i - 1] == '=' || text[i - 1] == '~')) {
      quoted = true;
    } else if (text.substr(i).starts_with(separator)) {
      pieces.push_back(trim_blanks(text.substr(start, i - start)));
      start = i + separator.size();
      i = start - 1;
    }
  }
  pieces.push_back(trim_blanks(text.substr(start)));
  return pieces;
}

std::optional<std::string> unquote(std::string_view text) {
  if (!text.starts_with('"')) return std::string(text);
  std::string plain;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      if (i + 1 != text.size()) return std::nullopt;  // something follows the closing quote
      return plain;
    }
    // Only \" and \\ are undone: other backslashes belong to a regular expression.
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
    plain += text[i];
  }
  return std::nullopt;
}

bool is_token(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_token_byte); }

bool is_field_value(std::string_view text) {
  if (text != trim_blanks(text)) return false;
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

}  // namespace understudy
