// Quantities as people write them in options: "10%", "500/s", "64MiB", "1h30m".
//
// Each parser takes the whole text (white space around it is ignored) and refuses what it does not understand with
// ExitCode::usage and a message that shows the form it wants. Nothing is guessed: a number without a unit is refused
// wherever two units would be likely.
#pragma once

#include <cstdint>
#include <string_view>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// A share of a whole, in millionths, so that it is exact and compares without floating point.
struct Percentage {
  std::uint32_t per_million = 0;  // 0 to 1,000,000

  friend bool operator==(const Percentage&, const Percentage&) = default;
};
inline constexpr std::uint32_t percentage_whole = 1'000'000;

// So many events in a period.
struct Rate {
  std::uint64_t count = 0;
  Nanoseconds period{1'000'000'000};

  friend bool operator==(const Rate&, const Rate&) = default;
};

// "10%", "0.5%", "100 %": 0 to 100, at most four decimals.
[[nodiscard]] Result<Percentage> parse_percentage(std::string_view text);

// "500/s", "30/m", "10000/h": a whole number from 1 on, and second, minute or hour.
[[nodiscard]] Result<Rate> parse_rate(std::string_view text);

// "64MiB", "1.5GiB", "512KiB", "100MB", "4096" (bytes). KiB, MiB, GiB and TiB are powers of 1024, and so are K, M, G
// and T alone, as in most tools; kB, MB, GB and TB are powers of 1000. Case does not matter.
[[nodiscard]] Result<std::uint64_t> parse_byte_size(std::string_view text);

// "250ms", "1h30m", "1.5s", "2d", "0": parts of d, h, m, s, ms, us, ns, largest unit first, each at most once.
[[nodiscard]] Result<Nanoseconds> parse_duration(std::string_view text);

}  // namespace understudy
