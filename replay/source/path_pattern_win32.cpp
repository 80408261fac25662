#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "replay/source/path_pattern.hpp"
#include "traffic/base/windows_text.hpp"

namespace understudy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t matches_max = 100'000;

char lowered(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

// Whether a set such as "a-z" or "!0-9", without its brackets, holds the character.
bool set_holds(std::string_view set, char c) {
  const bool is_negated = set.starts_with('!') || set.starts_with('^');
  if (is_negated) set.remove_prefix(1);
  for (std::size_t i = 0; i < set.size(); ++i) {
    const bool is_range = i + 2 < set.size() && set[i + 1] == '-';
    if (is_range ? lowered(set[i]) <= c && c <= lowered(set[i + 2]) : lowered(set[i]) == c) return !is_negated;
    if (is_range) i += 2;
  }
  return is_negated;
}

// Takes one thing other than '*' off the front of the pattern. False: it does not stand for the character.
bool take_one(std::string_view& pattern, char c) {
  const std::size_t end = pattern.front() == '[' ? pattern.find(']', 2) : std::string_view::npos;
  if (end != std::string_view::npos) {
    const bool holds = set_holds(pattern.substr(1, end - 1), lowered(c));
    pattern.remove_prefix(end + 1);
    return holds;
  }
  const bool is_same = pattern.front() == '?' || lowered(pattern.front()) == lowered(c);
  pattern.remove_prefix(1);
  return is_same;
}

// Without regard to case, as Windows knows files. In time of at most the product of both lengths.
bool matches(std::string_view pattern, std::string_view name) {
  if (name.starts_with('.') && !pattern.starts_with('.')) return false;
  std::string_view after_star;
  std::string_view name_after_star;
  bool has_star = false;
  while (!name.empty()) {
    if (!pattern.empty() && pattern.front() == '*') {
      pattern.remove_prefix(1);
      has_star = true;
      after_star = pattern;
      name_after_star = name;
      continue;
    }
    if (!pattern.empty() && take_one(pattern, name.front())) {
      name.remove_prefix(1);
      continue;
    }
    if (!has_star || name_after_star.empty()) return false;
    name_after_star.remove_prefix(1);
    pattern = after_star;
    name = name_after_star;
  }
  return pattern.find_first_not_of('*') == std::string_view::npos;
}

bool is_pattern(const std::string& text) { return text.find_first_of("*?[") != std::string::npos; }

// What `part` means in each of the folders.
std::vector<fs::path> step(const std::vector<fs::path>& folders, const std::string& part) {
  std::vector<fs::path> found;
  for (const fs::path& folder : folders) {
    std::error_code error;
    if (!is_pattern(part)) {
      if (fs::exists(folder / path_of(part), error)) found.push_back(folder / path_of(part));
      continue;
    }
    fs::directory_iterator entries(folder.empty() ? fs::path(".") : folder, error);
    for (; !error && entries != fs::directory_iterator() && found.size() < matches_max; entries.increment(error)) {
      const fs::path name = entries->path().filename();
      if (matches(part, text_of(name))) found.push_back(folder / name);
    }
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace

std::vector<std::string> files_matching(const std::string& pattern) {
  const fs::path path = path_of(pattern);
  std::vector<fs::path> found = {path.root_path()};
  for (const fs::path& part : path.relative_path()) found = step(found, text_of(part));
  std::vector<std::string> files;
  for (const fs::path& one : found) {
    std::error_code error;
    if (!fs::is_directory(one, error)) files.push_back(text_of(one));
  }
  return files;
}

}  // namespace understudy
