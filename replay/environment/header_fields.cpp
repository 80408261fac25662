#include "replay/environment/header_fields.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <system_error>

namespace understudy {
namespace {

constexpr std::size_t lines_max = 100;

[[nodiscard]] bool is_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  for (const char c : line) {
    if (is_control(c) && c != '\t') return false;
  }
  return line.substr(0, colon).find_first_of(" \t") == std::string_view::npos;
}

[[nodiscard]] Result<void> add_field(std::string_view line, HeaderFields& fields) {
  if (!is_field(line)) {
    return fail(ExitCode::usage, "wants 'Name: value', without control characters");
  }
  const std::size_t colon = line.find(':');
  const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
  fields.emplace_back(line.substr(0, colon), begin == std::string_view::npos ? "" : line.substr(begin));
  return {};
}

[[nodiscard]] Result<void> add_fields_of(const std::string& path, HeaderFields& fields) {
  std::ifstream file(path);
  if (!file) {
    return fail(ExitCode::usage, fmt::format("cannot read '{}': {}", path, std::generic_category().message(errno)));
  }
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    if (number > lines_max) return fail(ExitCode::usage, fmt::format("'{}' has too many lines", path));
    if (auto added = add_field(line, fields); !added) {
      return fail(ExitCode::usage, fmt::format("{}:{}: {}", path, number, added.error().message));
    }
  }
  return {};
}

}  // namespace

Result<void> add_header_fields(const std::string& text, HeaderFields& fields) {
  return text.starts_with('@') ? add_fields_of(text.substr(1), fields) : add_field(text, fields);
}

}  // namespace understudy
