// A command as it is typed, split into the program and its arguments.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/error.hpp"

namespace understudy {

// Splits as a POSIX shell does (XCU section 2.2): blanks and line ends separate words; '...' keeps everything; "..."
// keeps everything but a backslash before " \ $ and `; a backslash elsewhere keeps the next character. Nothing else of
// a shell is done: no variables, patterns, pipes. No words for blank text. ExitCode::usage: a quote is not closed, or
// the text ends with a backslash.
[[nodiscard]] Result<std::vector<std::string>> split_shell_words(std::string_view text);

}  // namespace understudy
