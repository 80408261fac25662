// Folders that only administrators and the system may look into. Windows only.
#pragma once

#include <filesystem>

#include "traffic/base/error.hpp"

namespace understudy {

// Makes the folder, or takes the rights of everybody else from one that is there. A folder that is a link, or that
// belongs to somebody who is neither an administrator nor this process's user, is refused: anybody may make folders
// below %ProgramData%, and what such a folder holds would be believed. ExitCode::permission, or service_failed.
[[nodiscard]] Result<void> make_private_folder(const std::filesystem::path& folder);

}  // namespace understudy
