#include "traffic/base/quantity_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace understudy {
namespace {

// Rounded to `digits` significant digits, without trailing zeros: 14.23 -> "14.2", 2.00 -> "2", 312.4 -> "312".
std::string rounded(double number, int digits) {
  if (number == 0.0 || !std::isfinite(number)) return fmt::format("{:.0f}", number);
  const int before_point = static_cast<int>(std::floor(std::log10(std::fabs(number)))) + 1;
  const int decimals = std::max(0, digits - before_point);
  std::string text = fmt::format("{:.{}f}", number, decimals);
  if (decimals > 0) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

struct Part {
  std::string_view name;
  std::int64_t seconds;
};
constexpr std::array<Part, 4> parts = {{{"d", 86'400}, {"h", 3'600}, {"min", 60}, {"s", 1}}};

// Its two largest parts: "1 h 5 min".
std::string long_duration_text(std::int64_t seconds) {
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (seconds < parts[i].seconds) continue;
    const std::int64_t next = seconds % parts[i].seconds / parts[i + 1].seconds;
    std::string text = fmt::format("{} {}", seconds / parts[i].seconds, parts[i].name);
    if (next != 0) text += fmt::format(" {} {}", next, parts[i + 1].name);
    return text;
  }
  return fmt::format("{} s", seconds);
}

}  // namespace

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, 1, ',');
  return text;
}

std::string duration_text(Nanoseconds duration) {
  if (duration.count() < 0) return "-" + duration_text(-std::max(duration, -Nanoseconds::max()));
  const auto ns = static_cast<double>(duration.count());
  if (duration.count() == 0) return "0";
  if (ns < 999.5) return fmt::format("{} ns", duration.count());
  if (ns < 999.5e3) return rounded(ns / 1e3, 3) + " us";
  if (ns < 999.5e6) return rounded(ns / 1e6, 3) + " ms";
  if (ns < 59.95e9) return rounded(ns / 1e9, 3) + " s";
  constexpr std::int64_t second = 1'000'000'000;
  return long_duration_text(duration.count() / second + (duration.count() % second >= second / 2 ? 1 : 0));
}

std::string rate_text(double a_second) {
  if (!(a_second > 0.0)) return "0/s";
  if (a_second < 9'999.95) {
    const std::string text = rounded(a_second, a_second < 100.0 ? 3 : a_second < 1'000.0 ? 4 : 5);
    const std::size_t point = text.find('.');
    if (a_second < 999.95) return text + "/s";
    return count_text(std::stoull(text.substr(0, point))) + (point == std::string::npos ? "" : text.substr(point)) +
           "/s";
  }
  return count_text(static_cast<std::uint64_t>(std::llround(a_second))) + "/s";
}

std::string share_text(double share) { return rounded(share * 100.0, 3) + " %"; }

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1'024) return fmt::format("{} B", bytes);
  auto number = static_cast<double>(bytes) / 1'024;
  std::size_t unit = 0;
  for (; number >= 1'023.5 && unit + 1 < units.size(); ++unit) number /= 1'024;
  return fmt::format("{} {}", rounded(number, 3), units[unit]);
}

}  // namespace understudy
