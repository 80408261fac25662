// Shell completion, made from the same definitions as the flags.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "traffic/base/error.hpp"

namespace understudy {

// A script for bash, zsh or fish that completes the commands and flags of `program`. Another shell is ExitCode::usage.
[[nodiscard]] Result<std::string> completion_script(const CLI::App& program, const std::string& shell);

}  // namespace understudy
