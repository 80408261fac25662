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

// Whether Markdown would read the character at that place of a line for more than itself.
bool wants_escape(std::string_view line, std::size_t place) {
  const char c = line[place];
  if (std::string_view("\\`*_[]<>|~#&@").find(c) != std::string_view::npos) return true;
  const std::string_view before = line.substr(0, place);
  if (c == ':') return line.substr(place + 1).starts_with('/');  // a link begins by itself at `http://`,
  if (c == '.' && before.size() >= 3) {                          // and at `www.` (GFM 6.9)
    const std::string_view last = before.substr(before.size() - 3);
    if (std::all_of(last.begin(), last.end(), [](char w) { return w == 'w' || w == 'W'; })) return true;
  }
  // Where a line begins, these make lists, headings and rules.
  const bool only_digits = before.find_first_not_of("0123456789 ") == std::string_view::npos;
  if (c == '.' || c == ')') return only_digits;
  return (c == '-' || c == '+' || c == '=') && before.find_first_not_of(' ') == std::string_view::npos;
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
  const std::string line = one_line(text, characters_max);
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (wants_escape(line, i)) out += '\\';
    out += line[i];
    if (line[i] == '@' || line[i] == '#') out += zero_width_space;
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
