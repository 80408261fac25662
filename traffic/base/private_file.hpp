// Files and folders that hold what others must not read. Windows only; POSIX systems have modes.
#pragma once

#include <string>

#include "traffic/base/native_handle.hpp"

namespace understudy {

// CreateFileW with a security descriptor for new files that lets their owner, administrators and the system in and
// nobody else. `access`, `share` and `disposition` are CreateFileW's. no_handle: GetLastError() says why.
[[nodiscard]] NativeHandle open_private_file(const std::string& path, unsigned long access, unsigned long share,
                                             unsigned long disposition);

// The same for a folder and what is made in it later. False: GetLastError() says why.
[[nodiscard]] bool make_private_folder(const std::string& path);

}  // namespace understudy
