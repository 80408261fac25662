// What a command of the command line does, ready to be carried out.
#pragma once

#include <functional>

#include "traffic/base/error.hpp"

namespace understudy {

// Called once, after the command line was found to be right. The exit code is the command's verdict.
using CommandAction = std::function<Result<ExitCode>()>;

}  // namespace understudy
