#include "traffic/base/process_environment.hpp"

#include <cstdlib>

namespace understudy {

std::optional<std::string> read_process_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

std::string home_folder(const EnvironmentReader& environment) {
  const std::string home = environment("HOME").value_or("");
  return home.empty() ? environment("USERPROFILE").value_or("") : home;
}

}  // namespace understudy
