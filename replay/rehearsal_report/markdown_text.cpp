#include "replay/rehearsal_report/markdown_text.hpp"

#include <algorithm>

#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

constexpr std::string_view zero_width_space = "\xe2\x80\x8b";
constexpr std::string_view ellipsis = "\xe2\x80\xa6";

// One line without controls, cut between code points; line ends and tabs are spaces.
std::string one_line(std::string_view text, std::size_t characters_max) {
  std::string spaced(text);
  std::replace_if(
      spaced.begin(), spaced.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  std::string printable;
  append_printable(printable, spaced);
  std::size_t characters = 0;
  for (std::size_t i = 0; i < printable.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(printable[i]) & 0xc0U) != 0x80U;
    if (begins && characters++ == characters_max) {
      printable.resize(i);
      return printable.append(ellipsis);
    }
  }
  return printable;
}

bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

// The longest row of backticks.
std::size_t backticks(std::string_view text) {
  std::size_t longest = 0;
  std::size_t row = 0;
  for (const char c : text) {
    row = c == '`' ? row + 1 : 0;
    longest = std::max(longest, row);
  }
  return longest;
}

}  // namespace

std::string markdown_text(std::string_view text, std::size_t characters_max) {
  // Harmless in the middle of a line, and far more readable as they are.
  constexpr std::string_view plain = "%,;?/'\"$=";
  std::string out;
  for (const char c : one_line(text, characters_max)) {
    if (is_punctuation(c) && plain.find(c) == std::string_view::npos) out += '\\';
    out += c;
    if (c == '@' || c == '#') out += zero_width_space;
  }
  return out;
}

std::string markdown_code(std::string_view text, std::size_t characters_max) {
  const std::string line = one_line(text, characters_max);
  if (line.empty()) return {};
  const std::string fence(backticks(line) + 1, '`');
  // A space next to a backtick is taken away when it is shown (GFM 6.3).
  const bool pads = line.front() == '`' || line.back() == '`' || (line.front() == ' ' && line.back() == ' ');
  std::string out = fence + (pads ? " " : "");
  for (const char c : line) {
    if (c == '|') out += '\\';  // a cell ends at a bare one, in code, too (GFM 4.10)
    out += c;
  }
  return out + (pads ? " " : "") + fence;
}

}  // namespace understudy
