#include "traffic/base/text_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "traffic/base/json_text.hpp"
#include "traffic/base/units.hpp"

namespace understudy {
namespace {

constexpr std::size_t number_digits_max = 18;  // what a long double holds exactly
constexpr std::size_t quoted_size_max = 40;    // of the text that an error shows

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_part(char c) { return is_digit(c) || is_letter(c) || c == '_' || c == '.'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool continues_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

void TextScanner::skip_space() {
  constexpr std::string_view space = " \t\r\n";
  while (next_ < text_.size() && space.find(text_[next_]) != std::string_view::npos) ++next_;
}

std::string_view TextScanner::rest() {
  skip_space();
  return text_.substr(next_);
}

bool TextScanner::at_end() { return rest().empty(); }

std::size_t TextScanner::character() {
  skip_space();
  const std::string_view passed = text_.substr(0, next_);
  return 1 + passed.size() -
         static_cast<std::size_t>(std::count_if(passed.begin(), passed.end(), continues_code_point));
}

bool TextScanner::take_symbol(std::string_view symbol) {
  if (!rest().starts_with(symbol)) return false;
  next_ += symbol.size();
  return true;
}

bool TextScanner::take_word(std::string_view word) {
  const std::string_view left = rest();
  const auto end = std::find_if_not(left.begin(), left.end(), is_letter);
  if (!std::equal(left.begin(), end, word.begin(), word.end(), [](char a, char b) { return lower(a) == b; })) {
    return false;
  }
  next_ += word.size();
  return true;
}

std::string_view TextScanner::take_name() {
  const std::string_view left = rest();
  const auto end = std::find_if_not(left.begin(), left.end(), is_name_part);
  const std::string_view name = left.substr(0, static_cast<std::size_t>(end - left.begin()));
  next_ += name.size();
  return name;
}

std::optional<std::string_view> TextScanner::take_quoted() {
  const std::string_view left = rest();
  if (left.empty() || (left.front() != '"' && left.front() != '\'')) return std::nullopt;
  const std::size_t end = left.find(left.front(), 1);
  if (end == std::string_view::npos) return std::nullopt;
  next_ += end + 1;
  return left.substr(1, end - 1);
}

std::optional<long double> TextScanner::take_number() {
  const std::string_view left = rest();
  std::uint64_t digits = 0;
  std::uint64_t scale = 1;
  std::size_t digit_count = 0;
  std::size_t used = 0;
  const auto take_digits = [&](std::uint64_t scale_step) {
    for (; used < left.size() && is_digit(left[used]) && ++digit_count <= number_digits_max; ++used) {
      digits = digits * 10 + static_cast<std::uint64_t>(left[used] - '0');
      scale *= scale_step;
    }
  };
  take_digits(1);
  if (digit_count != 0 && used + 1 < left.size() && left[used] == '.' && is_digit(left[used + 1])) {
    ++used;
    take_digits(10);
  }
  if (digit_count == 0 || digit_count > number_digits_max) return std::nullopt;
  next_ += used;
  return static_cast<long double>(digits) / static_cast<long double>(scale);
}

std::optional<Nanoseconds> TextScanner::take_duration() {
  const std::size_t before = mark();
  const std::string_view token = take_name();
  if (!token.empty()) {
    if (const auto duration = parse_duration(token)) return *duration;
  }
  back_to(before);
  return std::nullopt;
}

tl::unexpected<Error> TextScanner::refuse(std::string_view what, std::string_view expected) {
  const std::size_t at = character();
  std::string_view left = rest();
  std::string shown = "the end";
  if (!left.empty()) {
    const bool cut = left.size() > quoted_size_max;
    if (cut) {
      left = left.substr(0, quoted_size_max);
      while (!left.empty() && continues_code_point(text_[next_ + left.size()])) left.remove_suffix(1);
    }
    shown = "\"";
    append_printable(shown, left);
    shown += cut ? "...\"" : "\"";
  }
  return fail(ExitCode::usage,
              fmt::format("cannot read {} at character {}, {}: expected {}", what, at, shown, expected));
}

}  // namespace understudy
