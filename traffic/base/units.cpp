#include "traffic/base/units.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <limits>
#include <numeric>
#include <optional>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

constexpr std::uint64_t decimal_digits_max = 9;  // after the point; more would be lost in nanoseconds anyway

// A non-negative decimal number, kept exact: digits / 10^decimals.
struct Decimal {
  std::uint64_t digits = 0;
  std::uint64_t scale = 1;  // 10^decimals
};

bool is_space(char c) { return c == ' ' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool add_digit(std::uint64_t& number, char digit) {
  const auto value = static_cast<std::uint64_t>(digit - '0');
  if (number > (std::numeric_limits<std::uint64_t>::max() - value) / 10) return false;
  number = number * 10 + value;
  return true;
}

// Takes "12" or "12.5" off the front of `text`. Empty when there is none, or it is too long.
std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal number;
  std::size_t used = 0;
  for (; used < text.size() && is_digit(text[used]); ++used) {
    if (!add_digit(number.digits, text[used])) return std::nullopt;
  }
  if (used == 0) return std::nullopt;
  if (used + 1 < text.size() && text[used] == '.' && is_digit(text[used + 1])) {
    const std::size_t first = ++used;
    for (; used < text.size() && is_digit(text[used]); ++used) {
      if (used - first == decimal_digits_max || !add_digit(number.digits, text[used])) return std::nullopt;
      number.scale *= 10;
    }
  }
  text.remove_prefix(used);
  return number;
}

// number * unit. Empty when that is no whole number, or more than fits.
std::optional<std::uint64_t> multiply(const Decimal& number, std::uint64_t unit) {
  const std::uint64_t shared = std::gcd(number.scale, unit);
  const std::uint64_t divisor = number.scale / shared;
  const std::uint64_t factor = unit / shared;
  CHECK(divisor != 0 && factor != 0);  // neither scale nor unit is zero
  if (number.digits % divisor != 0) return std::nullopt;
  const std::uint64_t count = number.digits / divisor;
  if (count > std::numeric_limits<std::uint64_t>::max() / factor) return std::nullopt;
  return count * factor;
}

// Takes letters off the front of `text`.
std::string_view take_unit(std::string_view& text) {
  std::size_t used = 0;
  while (used < text.size() && lower(text[used]) >= 'a' && lower(text[used]) <= 'z') ++used;
  const std::string_view unit = text.substr(0, used);
  text.remove_prefix(used);
  return unit;
}

bool equals_lower(std::string_view text, std::string_view lower_case) {
  if (text.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lower_case[i]) return false;
  }
  return true;
}

struct Unit {
  std::string_view name;  // in lower case
  std::uint64_t size;
};

constexpr std::array<Unit, 15> byte_units{{{"", 1},
                                           {"b", 1},
                                           {"kib", 1ULL << 10U},
                                           {"mib", 1ULL << 20U},
                                           {"gib", 1ULL << 30U},
                                           {"tib", 1ULL << 40U},
                                           {"k", 1ULL << 10U},
                                           {"m", 1ULL << 20U},
                                           {"g", 1ULL << 30U},
                                           {"t", 1ULL << 40U},
                                           {"kb", 1'000ULL},
                                           {"mb", 1'000'000ULL},
                                           {"gb", 1'000'000'000ULL},
                                           {"tb", 1'000'000'000'000ULL},
                                           {"bytes", 1}}};

constexpr std::array<Unit, 7> duration_units{{{"d", 86'400'000'000'000ULL},
                                              {"h", 3'600'000'000'000ULL},
                                              {"m", 60'000'000'000ULL},
                                              {"s", 1'000'000'000ULL},
                                              {"ms", 1'000'000ULL},
                                              {"us", 1'000ULL},
                                              {"ns", 1ULL}}};

tl::unexpected<Error> refuse(std::string_view what, std::string_view text, std::string_view expected) {
  return fail(ExitCode::usage, fmt::format("'{}' is not a {}: write {}", text, what, expected));
}

}  // namespace

Result<Percentage> parse_percentage(std::string_view text) {
  constexpr std::string_view expected =
      "a number from 0 to 100 with at most four decimals and a percent sign, as in 10%";
  std::string_view rest = trim(text);
  const auto number = take_decimal(rest);
  if (!number || trim(rest) != "%") return refuse("percentage", text, expected);
  const auto per_million = multiply(*number, percentage_whole / 100);
  if (!per_million || *per_million > percentage_whole) return refuse("percentage", text, expected);
  return Percentage{static_cast<std::uint32_t>(*per_million)};
}

Result<Rate> parse_rate(std::string_view text) {
  constexpr std::string_view expected = "a whole number from 1 on, a slash and s, m or h, as in 500/s";
  std::string_view rest = trim(text);
  const auto number = take_decimal(rest);
  rest = trim(rest);
  if (!number || number->scale != 1 || number->digits == 0 || rest.empty() || rest.front() != '/') {
    return refuse("rate", text, expected);
  }
  const std::string_view unit = trim(rest.substr(1));
  for (const Unit& known : duration_units) {
    if (unit == known.name && (unit == "s" || unit == "m" || unit == "h")) {
      return Rate{number->digits, Nanoseconds(static_cast<std::int64_t>(known.size))};
    }
  }
  return refuse("rate", text, expected);
}

Result<std::uint64_t> parse_byte_size(std::string_view text) {
  constexpr std::string_view expected = "a number and B, KiB, MiB, GiB or TiB (or kB, MB, GB, TB), as in 64MiB";
  std::string_view rest = trim(text);
  const auto number = take_decimal(rest);
  if (!number) return refuse("size", text, expected);
  rest = trim(rest);
  for (const Unit& unit : byte_units) {
    if (!equals_lower(rest, unit.name)) continue;
    const auto bytes = multiply(*number, unit.size);
    if (!bytes) return refuse("size", text, "a whole number of bytes below 16 EiB");
    return *bytes;
  }
  return refuse("size", text, expected);
}

Result<Nanoseconds> parse_duration(std::string_view text) {
  constexpr std::string_view expected = "numbers with d, h, m, s, ms, us or ns, as in 250ms or 1h30m";
  constexpr auto nanoseconds_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::string_view rest = trim(text);
  if (rest == "0") return Nanoseconds(0);
  std::uint64_t total = 0;
  std::size_t next_unit = 0;  // each unit at most once, and in order
  while (!rest.empty()) {
    const auto number = take_decimal(rest);
    if (!number) return refuse("duration", text, expected);
    const std::string_view name = take_unit(rest);
    while (next_unit < duration_units.size() && duration_units[next_unit].name != name) ++next_unit;
    if (next_unit == duration_units.size()) return refuse("duration", text, expected);
    const auto part = multiply(*number, duration_units[next_unit++].size);
    if (!part || *part > nanoseconds_max - total) {
      return refuse("duration", text, "a whole number of nanoseconds below 292 years");
    }
    total += *part;
  }
  if (next_unit == 0) return refuse("duration", text, expected);
  return Nanoseconds(static_cast<std::int64_t>(total));
}

}  // namespace understudy
