#include "traffic/recording/gor_format.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

namespace understudy {
namespace {

constexpr std::size_t id_max = 128;
// So that no sum or difference of times overflows: the year 2223, and three years.
constexpr std::int64_t start_max = 8'000'000'000'000'000'000;
constexpr std::int64_t latency_max = 100'000'000'000'000'000;
// Above it a number of type 3 is a time, below it a duration: 1973 as a time, three years as a duration.
constexpr std::int64_t epoch_times_from = 100'000'000'000'000'000;

bool is_id(std::string_view text) {
  if (text.empty() || text.size() > id_max) return false;
  for (const char c : text) {
    if (c <= ' ' || c >= 0x7f) return false;
  }
  return true;
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Takes the text before the next space; the whole rest where there is none.
std::string_view take_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

}  // namespace

GorMetaResult parse_gor_meta(std::string_view text, GorMeta& meta, std::size_t& length) {
  if (text.empty()) return GorMetaResult::too_short;
  if (text[0] < '1' || text[0] > '3') return GorMetaResult::invalid;
  if (text.size() > 1 && text[1] != ' ') return GorMetaResult::invalid;
  const std::size_t line_end = text.substr(0, gor_meta_max).find('\n');
  if (line_end == std::string_view::npos) {
    return text.size() < gor_meta_max ? GorMetaResult::too_short : GorMetaResult::invalid;
  }
  std::string_view rest = text.substr(0, line_end);
  if (rest.size() < 2 || rest.back() == ' ') return GorMetaResult::invalid;
  rest.remove_prefix(2);
  const std::string_view id = take_word(rest);
  const auto first = parse_number(take_word(rest));
  if (!is_id(id) || !first || *first < 0) return GorMetaResult::invalid;
  std::optional<std::int64_t> second;
  if (!rest.empty()) {
    second = parse_number(rest);
    if (!second) return GorMetaResult::invalid;
  }
  meta.type = static_cast<GorType>(text[0]);
  meta.id = id;
  std::int64_t start = *first;
  if (meta.type == GorType::replayed_response && second && start < epoch_times_from && *second >= epoch_times_from) {
    start = *second;
    second = *first;
  }
  if (start < 0 || start > start_max) return GorMetaResult::invalid;
  if (second && (*second < -latency_max || *second > latency_max)) second.reset();
  meta.start = WallTime(Nanoseconds(start));
  meta.latency = second ? std::optional(Nanoseconds(*second)) : std::nullopt;
  length = line_end + 1;
  return GorMetaResult::valid;
}

void append_gor_meta(std::string& out, const GorMeta& meta) {
  fmt::format_to(std::back_inserter(out), "{} {} {} {}\n", static_cast<char>(meta.type), meta.id,
                 meta.start.time_since_epoch().count(), meta.latency.value_or(Nanoseconds(0)).count());
}

void append_gor_id(std::string& out, std::uint32_t seed, std::uint64_t number) {
  fmt::format_to(std::back_inserter(out), "{:08x}{:016x}", seed, number);
}

}  // namespace understudy
