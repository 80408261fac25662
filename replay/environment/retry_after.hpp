// The field Retry-After (RFC 9110 section 10.2.3).
#pragma once

#include <optional>
#include <string_view>

#include "traffic/base/clock.hpp"

namespace understudy {

// "120", or a date in the form of RFC 9110 section 5.6.7 (IMF-fixdate), of which what is left from `now` on is taken; a
// date that has passed is 0. A day at most. Nothing for everything else. Pure.
[[nodiscard]] std::optional<Nanoseconds> parse_retry_after(std::string_view value, WallTime now);

}  // namespace understudy
