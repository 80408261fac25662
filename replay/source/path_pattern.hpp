// Files that a pattern of *, ? and [...] means. One source file per platform.
#pragma once

#include <string>
#include <vector>

namespace understudy {

// In order, without folders; none where nothing matches. Patterns may stand in folders' names, too. Names that begin
// with a dot are meant only by patterns that do.
[[nodiscard]] std::vector<std::string> files_matching(const std::string& pattern);

}  // namespace understudy
