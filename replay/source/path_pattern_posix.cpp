#include <glob.h>

#include <filesystem>
#include <system_error>

#include "replay/source/path_pattern.hpp"

namespace understudy {

std::vector<std::string> files_matching(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> files;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) {
      std::error_code error;
      if (!std::filesystem::is_directory(found.gl_pathv[i], error)) files.emplace_back(found.gl_pathv[i]);
    }
  }
  ::globfree(&found);
  return files;
}

}  // namespace understudy
