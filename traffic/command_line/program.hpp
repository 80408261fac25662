// What main() of every program does around the program itself.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "traffic/base/error.hpp"

namespace understudy {

// Runs the program with its arguments, without its own name, and maps what comes of it to the process's exit code.
// Errors go to standard error as one line, "NAME: message"; an exception that nobody has caught is ExitCode::internal.
[[nodiscard]] int run_program(const char* name, int count, char** values,
                              const std::function<Result<ExitCode>(const std::vector<std::string>&)>& run);

}  // namespace understudy
