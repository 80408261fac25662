// Fields that a user adds to requests for an environment: "Name: value", or "@FILE" with one such line for each.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "traffic/base/error.hpp"

namespace understudy {

using HeaderFields = std::vector<std::pair<std::string, std::string>>;

// Appends what `text` names. A file has at most 100 lines; its empty ones are passed over. ExitCode::usage for what is
// no field or cannot be read; the message never repeats a line, for it may be a secret.
[[nodiscard]] Result<void> add_header_fields(const std::string& text, HeaderFields& fields);

}  // namespace understudy
