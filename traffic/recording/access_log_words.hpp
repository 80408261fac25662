// The words of a line of an access log.
//
// Thread safety: pure functions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace understudy {

// Takes a text in quotes off the front, and undoes the escapes that nginx and Apache write: \", \\, \n, \t and \xHH.
// What follows the quote's end, up to a blank, is dropped.
inline std::string take_quoted(std::string_view& rest) {
  const auto hex = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  std::string word;
  std::size_t at = 1;
  for (; at < rest.size() && rest[at] != '"'; ++at) {
    if (rest[at] != '\\' || at + 1 == rest.size()) {
      word += rest[at];
      continue;
    }
    const char escaped = rest[++at];
    if (escaped == 'x' && at + 2 < rest.size() && hex(rest[at + 1]) >= 0 && hex(rest[at + 2]) >= 0) {
      word += static_cast<char>(hex(rest[at + 1]) * 16 + hex(rest[at + 2]));
      at += 2;
    } else {
      word += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped == 'r' ? '\r' : escaped;
    }
  }
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return word;
}

// Splits at blanks; "..." and [...] are one word each, without their marks. Returns the index of the first word in
// brackets, or the number of words where there is none.
inline std::size_t split_log_words(std::string_view line, std::vector<std::string>& words) {
  words.clear();
  std::size_t bracket = std::string_view::npos;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (line.empty()) break;
    if (line.front() == '"') {
      words.push_back(take_quoted(line));
      continue;
    }
    const bool in_brackets = line.front() == '[' && line.find(']') != std::string_view::npos;
    const std::size_t end = in_brackets ? line.find(']') : std::min(line.find(' '), line.size());
    if (in_brackets && bracket == std::string_view::npos) bracket = words.size();
    words.emplace_back(line.substr(in_brackets ? 1 : 0, end - (in_brackets ? 1 : 0)));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return std::min(bracket, words.size());
}

// Splits at blanks and nothing else.
inline void split_at_blanks(std::string_view line, std::vector<std::string>& words) {
  words.clear();
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (line.empty()) return;
    const std::size_t end = std::min(line.find(' '), line.size());
    words.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

}  // namespace understudy
