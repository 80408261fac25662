// From what a user wrote to the files that are meant.
#pragma once

#include <string>
#include <vector>

#include "traffic/base/error.hpp"

namespace understudy {

// Names of existing files, each once, in the order given; those of one pattern sorted. "-" stays. A name that exists is
// taken as it is; otherwise *, ? and [...] are a pattern, whose folders are left out. ExitCode::recording_unreadable
// for a name or pattern that matches nothing, and for no names at all; ExitCode::usage for "-" given twice.
[[nodiscard]] Result<std::vector<std::string>> expand_paths(const std::vector<std::string>& paths);

}  // namespace understudy
