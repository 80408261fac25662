// Quantities as people read them: "1,204", "14.2 ms", "998.5/s", "0.12 %", "1.5 GiB".
//
// For screens and summaries, rounded to about three digits. Files that programs read hold plain numbers instead.
#pragma once

#include <cstdint>
#include <string>

#include "traffic/base/clock.hpp"

namespace understudy {

// "84,112".
[[nodiscard]] std::string count_text(std::uint64_t count);
// "0", "850 ns", "1.23 ms", "14.2 s", "3 min 20 s", "1 h 5 min", "2 d 3 h". A minus sign in front of a negative one.
[[nodiscard]] std::string duration_text(Nanoseconds duration);
// Requests a second: "0.25/s", "9.5/s", "998.5/s", "12,345/s".
[[nodiscard]] std::string rate_text(double a_second);
// A share of a whole: 0.0012 is "0.12 %". A share above 0 never shows as 0.
[[nodiscard]] std::string share_text(double share);
// "512 B", "1.5 KiB", "64 MiB".
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

}  // namespace understudy
