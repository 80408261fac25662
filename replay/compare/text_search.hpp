// Search without regard to case.
#pragma once

#include <algorithm>
#include <string_view>

namespace understudy {

// Whether `lower`, which is in lower case, stands somewhere in the text (ASCII).
[[nodiscard]] inline bool contains_ignoring_case(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b; };
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(), same) != text.end();
}

}  // namespace understudy
