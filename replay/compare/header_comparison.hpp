// Compares the headers of two responses.
//
// A header that occurs several times is its values joined with commas (RFC 9110 section 5.3), except Set-Cookie, of
// which each cookie is one. Pure; quadratic in the number of fields, which the reader bounds.
#pragma once

#include "replay/compare/compare_rules.hpp"
#include "replay/compare/difference.hpp"
#include "traffic/http/message.hpp"

namespace understudy {

// Adds what differs, Content-Type first.
void compare_headers(const CompareRules& rules, const HttpMessage& expected, const HttpMessage& actual,
                     Differences& differences);

}  // namespace understudy
