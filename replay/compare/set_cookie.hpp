// Compares the cookies that two responses set: which ones, and their attributes, but not values nor when they expire.
#pragma once

#include "replay/compare/difference.hpp"
#include "traffic/http/message.hpp"

namespace understudy {

// Adds what differs. Values of cookies are never in it. Nothing is compared when what was expected is redacted.
void compare_cookies(const HttpMessage& expected, const HttpMessage& actual, Differences& differences);

}  // namespace understudy
