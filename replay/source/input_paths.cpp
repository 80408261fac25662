#include "replay/source/input_paths.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "replay/source/path_pattern.hpp"

namespace understudy {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

}  // namespace

Result<std::vector<std::string>> expand_paths(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  std::set<std::string> known;  // by their real names, so that two ways of writing one file are one
  const auto add = [&](const std::string& path) {
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    if (known.insert(error ? path : real.string()).second) files.push_back(path);
  };
  bool has_standard_input = false;
  for (const std::string& path : paths) {
    if (path == "-") {
      if (std::exchange(has_standard_input, true)) {
        return fail(ExitCode::usage, "standard input ('-') is named twice; it can be read once");
      }
      files.push_back(path);
    } else if (exists(path)) {
      add(path);
    } else {
      const std::vector<std::string> matches = files_matching(path);
      const bool is_pattern = path.find_first_of("*?[") != std::string::npos;
      if (matches.empty()) {
        return fail(ExitCode::recording_unreadable,
                    is_pattern ? fmt::format("no file matches '{}'; check the pattern and the folder", path)
                               : fmt::format("there is no recording '{}'; check its name", path));
      }
      for (const std::string& match : matches) add(match);
    }
  }
  if (files.empty()) return fail(ExitCode::recording_unreadable, "no recording is named");
  return files;
}

}  // namespace understudy
