// Text of others inside GitHub-flavoured Markdown.
//
// Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace understudy {

// On one line, at most `characters_max` code points, the rest as an ellipsis.
inline constexpr std::size_t markdown_text_max = 300;

// Shows as it is, at the begin of a line, too: what Markdown would read is escaped, no link, no HTML, no mention and no
// reference to an issue (U+200B behind `@` and
// `#`, which code hosts look for in the text that was shown already).
[[nodiscard]] std::string markdown_text(std::string_view text, std::size_t characters_max = markdown_text_max);

// As a code span; may stand in a cell of a table. "" for "".
[[nodiscard]] std::string markdown_code(std::string_view text, std::size_t characters_max = markdown_text_max);

}  // namespace understudy
