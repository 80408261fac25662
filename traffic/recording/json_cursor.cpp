#include "traffic/recording/json_cursor.hpp"

#include <algorithm>
#include <utility>

namespace understudy {
namespace {

constexpr std::size_t key_max = 200;

// Finds the end of one value, in whatever pieces its text comes.
class ValueEnd {
 public:
  // Bytes of `text` through the value's end, if it is there; else all of it.
  std::size_t take(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && !ended_) {
      if (in_string_) {
        at = in_string(text, at);
        continue;
      }
      const char c = text[at];
      if (depth_ == 0 && began_ && !is_container_ && is_delimiter(c)) {
        ended_ = true;  // of a number or a literal; the delimiter is not part of it
        break;
      }
      outside_string(c);
      ++at;
    }
    return at;
  }
  [[nodiscard]] bool ended() const { return ended_; }
  // Whether the end of the text is the value's end, too: a number or a literal.
  [[nodiscard]] bool may_end() const { return ended_ || (began_ && !is_container_ && !in_string_ && depth_ == 0); }

 private:
  static bool is_delimiter(char c) { return c == ',' || c == ']' || c == '}' || c <= ' '; }

  std::size_t in_string(std::string_view text, std::size_t at) {
    if (std::exchange(escaped_, false)) return at + 1;
    at = std::min(text.find_first_of("\"\\", at), text.size());
    if (at == text.size()) return at;
    if (text[at] == '\\') {
      escaped_ = true;
    } else {
      in_string_ = false;
      ended_ = depth_ == 0;
    }
    return at + 1;
  }
  void outside_string(char c) {
    if (c == '"') in_string_ = true;
    if (c == '{' || c == '[') {
      ++depth_;
      is_container_ = true;
    }
    if ((c == '}' || c == ']') && (depth_ == 0 || --depth_ == 0)) ended_ = true;
    began_ = true;
  }

  std::size_t depth_ = 0;
  bool began_ = false;
  bool is_container_ = false;
  bool in_string_ = false;
  bool escaped_ = false;
  bool ended_ = false;
};

}  // namespace

void JsonCursor::forget_value() { input_.consume(std::exchange(value_length_, 0)); }

Result<bool> JsonCursor::has_more() { return input_.fill(1); }

Result<char> JsonCursor::peek() {
  forget_value();
  while (true) {
    const std::string_view window = input_.buffered();
    const std::size_t at = std::min(window.find_first_not_of(" \t\r\n"), window.size());
    if (at < window.size()) {
      const char found = window[at];
      input_.consume(at);
      return found;
    }
    input_.consume(at);
    auto more = has_more();
    if (!more) return tl::unexpected(more.error());
    if (!*more) return '\0';
  }
}

Result<bool> JsonCursor::take(char wanted) {
  auto next = peek();
  if (!next) return tl::unexpected(next.error());
  if (*next != wanted || input_.buffered().empty()) return false;
  input_.consume(1);
  return true;
}

Result<std::optional<std::string>> JsonCursor::take_key() {
  auto quote = take('"');
  if (!quote) return tl::unexpected(quote.error());
  if (!*quote) return std::nullopt;
  static_cast<void>(input_.fill(key_max + 1));
  const std::string_view window = input_.buffered();
  std::size_t end = 0;
  while (end < std::min(window.size(), key_max) && window[end] != '"') end += window[end] == '\\' ? 2U : 1U;
  if (end >= std::min(window.size(), key_max)) return std::nullopt;
  std::string key(window.substr(0, end));
  input_.consume(end + 1);
  auto colon = take(':');
  if (!colon) return tl::unexpected(colon.error());
  return *colon ? std::optional(std::move(key)) : std::nullopt;
}

Result<bool> JsonCursor::skip_value() {
  if (auto begun = peek(); !begun) return tl::unexpected(begun.error());
  ValueEnd end;
  while (true) {
    input_.consume(end.take(input_.buffered()));
    if (end.ended()) return true;
    auto more = has_more();
    if (!more) return more;
    if (!*more) return end.may_end();
  }
}

Result<std::optional<std::string_view>> JsonCursor::take_value(std::size_t length_max) {
  if (auto begun = peek(); !begun) return tl::unexpected(begun.error());
  is_too_long_ = false;
  ValueEnd end;
  std::size_t length = 0;
  while (true) {
    length += end.take(input_.buffered().substr(length));
    if (end.ended()) break;
    if (length > length_max) {
      is_too_long_ = true;
      input_.consume(std::exchange(length, 0));
    }
    auto more = input_.fill(length + 1);
    if (!more) return tl::unexpected(more.error());
    if (*more) continue;
    if (end.may_end()) break;
    return std::nullopt;
  }
  if (is_too_long_) {
    input_.consume(length);
    return std::nullopt;
  }
  value_length_ = length;
  return input_.buffered().substr(0, length);
}

}  // namespace understudy
