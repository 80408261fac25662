// Variables of the environment, read through a function so that tests have environments of their own.
//
// Thread safety: any thread, as long as nobody changes the process's environment.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace understudy {

// Reads one environment variable; empty when it is not set.
using EnvironmentReader = std::function<std::optional<std::string>(const char* name)>;

// The process's own environment.
[[nodiscard]] std::optional<std::string> read_process_environment(const char* name);

// The user's folder: HOME, else USERPROFILE, which is Windows' own name for it. "" where neither is set.
[[nodiscard]] std::string home_folder(const EnvironmentReader& environment);

}  // namespace understudy
