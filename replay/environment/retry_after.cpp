#include "replay/environment/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

constexpr Nanoseconds wait_max = std::chrono::hours(24);
constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

template <typename T>
[[nodiscard]] bool read_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

// "Sun, 06 Nov 1994 08:49:37 GMT".
[[nodiscard]] std::optional<WallTime> parse_imf_date(std::string_view text) {
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  CivilTime civil;
  const auto* const month = std::ranges::find(months, text.substr(8, 3));
  if (month == months.end() || !read_number(text.substr(5, 2), civil.day) ||
      !read_number(text.substr(12, 4), civil.year) || !read_number(text.substr(17, 2), civil.hour) ||
      !read_number(text.substr(20, 2), civil.minute) || !read_number(text.substr(23, 2), civil.second)) {
    return std::nullopt;
  }
  civil.month = static_cast<unsigned>(month - months.begin()) + 1;
  return to_wall_time(civil);
}

}  // namespace

std::optional<Nanoseconds> parse_retry_after(std::string_view value, WallTime now) {
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  std::uint32_t seconds = 0;
  if (read_number(value, seconds)) return std::min<Nanoseconds>(std::chrono::seconds(seconds), wait_max);
  const std::optional<WallTime> date = parse_imf_date(value);
  if (!date) return std::nullopt;
  return std::clamp<Nanoseconds>(*date - now, Nanoseconds(0), wait_max);
}

}  // namespace understudy
