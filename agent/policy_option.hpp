// --policy NAME=on|off: the leniencies of traffic/http/framing_policy.hpp by name.
#pragma once

#include <string_view>
#include <vector>

#include "traffic/base/error.hpp"
#include "traffic/http/framing_policy.hpp"

namespace understudy {

// "bare_lf=off" sets FramingPolicy::accept_bare_lf to false. Errors: ExitCode::usage, with the names that there are.
// True on success.
[[nodiscard]] Result<bool> parse_policy_setting(std::string_view setting, FramingPolicy& policy);

// All names, in the order of the header that explains them.
[[nodiscard]] std::vector<std::string_view> policy_names();

}  // namespace understudy
