// Files that are written and read as a whole, and seen whole or not at all. One source file per platform.
//
// Thread safety: pure functions, over what the file system promises.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/native_file.hpp"

namespace understudy {

enum class FileAccess : std::uint8_t {
  owner,     // and nobody else; on Windows administrators and the system as well
  everyone,  // may read it; on Windows whoever the folder lets
};

enum class FileSafety : std::uint8_t {
  process,  // survives the end of the process
  machine,  // handed to the disk: survives the loss of power
};

// Creates it; one that is there is an error. On an error nothing is left.
[[nodiscard]] SystemResult<void> write_new_file(const std::string& path, std::string_view text, FileAccess access,
                                                FileSafety safety);
// Nothing where there is no such file. A link, or more than `size_max` bytes, is an error.
[[nodiscard]] SystemResult<std::optional<std::string>> read_whole_file(const std::string& path, std::size_t size_max);

// Gives `from` the name `to`, whatever stood there. Both in one folder; nobody sees anything in between.
[[nodiscard]] SystemResult<void> replace_file(const std::string& from, const std::string& to);
// The same where nothing stood. False: something did, and stays; `from` is gone either way.
[[nodiscard]] SystemResult<bool> place_file(const std::string& from, const std::string& to);
// No error where there is none.
[[nodiscard]] SystemResult<void> remove_file(const std::string& path);
// That the names in a folder survive the loss of power, too; where the file system can.
void sync_folder(const std::string& path);

// One folder, for its owner alone, as FileAccess says. False: there was one already, which is left as it is. The folder
// above it must be there.
[[nodiscard]] SystemResult<bool> create_private_folder(const std::string& path);

}  // namespace understudy
