#include "replay/store/aws_profile.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace understudy {
namespace {

constexpr std::uintmax_t file_size_max = std::uintmax_t{1} << 20U;
constexpr std::string_view white = " \t\r";

[[nodiscard]] std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(white);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(white) - begin + 1);
}

// "[profile name]" and "[name]".
[[nodiscard]] bool names(std::string_view header, std::string_view profile) {
  header = trim(header.substr(1, header.find(']') == std::string_view::npos ? header.npos : header.find(']') - 1));
  if (header == profile) return true;
  constexpr std::string_view word = "profile";
  if (!header.starts_with(word) || header.size() <= word.size()) return false;
  return white.find(header[word.size()]) != white.npos && trim(header.substr(word.size())) == profile;
}

}  // namespace

AwsProfile parse_aws_profile(std::string_view text, std::string_view profile) {
  AwsProfile settings;
  bool inside = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.starts_with('[')) {
      inside = names(line, profile);
      continue;
    }
    if (!inside || line.empty() || white.find(line[0]) != white.npos || line[0] == '#' || line[0] == ';') continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    std::string name(trim(line.substr(0, equals)));
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    settings[std::move(name)] = std::string(trim(line.substr(equals + 1)));
  }
  return settings;
}

Result<AwsProfile> read_aws_profile(const std::string& path, std::string_view profile) {
  std::error_code error;
  if (path.empty() || !std::filesystem::exists(path, error)) return AwsProfile();
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, error)) {
    return fail(ExitCode::configuration, fmt::format("the AWS profile file '{}' cannot be read", path));
  }
  if (std::filesystem::file_size(path, error) > file_size_max || error) {
    return fail(ExitCode::configuration, fmt::format("'{}' is too large for an AWS profile file", path));
  }
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return parse_aws_profile(text, profile);
}

}  // namespace understudy
