// Times of day as text: RFC 3339, and the calendar that other formats build on.
//
// Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/clock.hpp"

namespace understudy {

// Appends RFC 3339 in UTC with nine decimals: 2026-01-02T03:04:05.000000006Z. No quotes.
void append_rfc3339(std::string& out, WallTime time);

// RFC 3339 section 5.6: "2026-01-02T03:04:05Z", with any number of decimals (those beyond the ninth are dropped) and
// any offset. "t", "z" and a space in place of "T" are taken too, and so is an offset without its colon (+0100). Empty
// for anything else, for a date that the calendar does not have, and for a year outside of 1950 to 2200, so that the
// difference of any two such times fits 64 bits of nanoseconds. A leap second (:60) is the second before it.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(std::string_view text);

// A civil date and time of day in UTC. Empty for what the calendar does not have. Months and days begin at 1.
struct CivilTime {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;  // 60 is the second before it
};
[[nodiscard]] std::optional<WallTime> to_wall_time(const CivilTime& civil);

}  // namespace understudy
