// Reads a small language of an option from left to right, and knows where it stands for its errors.
//
//   TextScanner scan("ramp to 2000/s over 5m");
//   if (scan.take_word("ramp")) ...
//   return scan.refuse("the rate", "\"over\" and a time, as in \"over 5m\"");
//     -> cannot read the rate at character 16, "ovr 5m": expected "over" and a time, as in "over 5m"
//
// White space is skipped in front of everything. Nothing is copied: the text outlives the scanner and what it returns.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class TextScanner {
 public:
  explicit TextScanner(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end();
  // The number of the next character, from 1; of UTF-8 a code point counts once.
  [[nodiscard]] std::size_t character();
  // What is left, without white space in front.
  [[nodiscard]] std::string_view rest();
  // To come back to, for a construct that turns out to be another.
  [[nodiscard]] std::size_t mark() const { return next_; }
  void back_to(std::size_t mark) { next_ = mark; }

  // Exactly these characters come next: takes them.
  [[nodiscard]] bool take_symbol(std::string_view symbol);
  // A run of letters, in either case, that is exactly `word` (given in lower case): takes it.
  [[nodiscard]] bool take_word(std::string_view word);
  // The longest run of letters, digits, '_' and '.'; empty when there is none.
  [[nodiscard]] std::string_view take_name();
  // What stands between two double or two single quotes, which may be empty; nothing, and nothing is taken, when there
  // is no such text.
  [[nodiscard]] std::optional<std::string_view> take_quoted();
  // "12" or "12.5", at most 18 digits. A point without a digit behind it is left alone, so "100..500" gives 100.
  [[nodiscard]] std::optional<long double> take_number();
  // "5m", "1h30m", "250ms", as parse_duration(); nothing, and nothing is taken, when that is not there.
  [[nodiscard]] std::optional<Nanoseconds> take_duration();

  // ExitCode::usage: "cannot read `what` at character N, "...": expected `expected`".
  [[nodiscard]] tl::unexpected<Error> refuse(std::string_view what, std::string_view expected);

 private:
  void skip_space();

  std::string_view text_;
  std::size_t next_ = 0;
};

}  // namespace understudy
