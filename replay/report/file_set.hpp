// Several files of one folder, replaced together.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "traffic/base/error.hpp"

namespace understudy {

// Names without a folder, and contents.
using NamedFiles = std::vector<std::pair<std::string, std::string>>;

// Writes all files under other names, hands them to the disk, and only then renames them, so each is whole at any time,
// also after a crash; on an error in front of the renames nothing has changed. Creates the folder where it is missing.
// What stood under the names is replaced. ExitCode::output_failed.
[[nodiscard]] Result<void> replace_files(const std::string& folder, const NamedFiles& files);

}  // namespace understudy
