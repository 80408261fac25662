#include "traffic/base/shell_words.hpp"

#include <fmt/format.h>

#include <optional>

namespace understudy {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view escaped_in_quotes = "\"\\$`";

}  // namespace

Result<std::vector<std::string>> split_shell_words(std::string_view text) {
  std::vector<std::string> words;
  std::optional<std::string> word;  // quotes alone make an empty one
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool has_next = i + 1 < text.size();
    if (quote == 0 && blanks.find(c) != std::string_view::npos) {
      if (word) words.push_back(std::move(*word));
      word.reset();
      continue;
    }
    if (!word) word.emplace();
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == '\\' && quote != '\'') {
      if (!has_next) return fail(ExitCode::usage, fmt::format("'{}' ends with a backslash that escapes nothing", text));
      const bool escapes = quote == 0 || escaped_in_quotes.find(text[i + 1]) != std::string_view::npos;
      *word += escapes ? text[++i] : c;
    } else {
      *word += c;
    }
  }
  if (quote != 0) return fail(ExitCode::usage, fmt::format("'{}' has a quote {} that is not closed", text, quote));
  if (word) words.push_back(std::move(*word));
  return words;
}

}  // namespace understudy
