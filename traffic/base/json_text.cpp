#include "traffic/base/json_text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <utility>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

// Bytes of the valid UTF-8 sequence at the start of `text`, 0 when there is none (RFC 3629 section 4).
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i, unsigned char low = 0x80, unsigned char high = 0xbf) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned char low = first == 0xe0 ? 0xa0 : 0x80;   // not overlong
    const unsigned char high = first == 0xed ? 0x9f : 0xbf;  // no surrogate
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned char low = first == 0xf0 ? 0x90 : 0x80;   // not overlong
    const unsigned char high = first == 0xf4 ? 0x8f : 0xbf;  // not beyond U+10FFFF
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

void append_control(std::string& out, unsigned code) { fmt::format_to(std::back_inserter(out), "\\u{:04x}", code); }

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
    append_control(out, static_cast<unsigned char>(c));
  } else {
    out += c;
  }
}

// Calls `append` with each valid sequence of UTF-8, and with nothing for each byte that is not part of one.
template <typename Append>
void for_each_sequence(std::string_view text, const Append& append) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    append(text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

constexpr std::string_view replacement_character = "\xef\xbf\xbd";

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for_each_sequence(text, [&out](std::string_view sequence) {
    if (sequence.size() == 1) {
      append_ascii(out, sequence[0]);
    } else {
      out += sequence.empty() ? replacement_character : sequence;
    }
  });
  out += '"';
}

void append_printable(std::string& out, std::string_view text) {
  for_each_sequence(text, [&out](std::string_view sequence) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
    if (sequence.empty()) {
      out += replacement_character;
    } else if (sequence.size() == 1 && (byte(0) < 0x20 || byte(0) == 0x7f)) {
      append_control(out, byte(0));
    } else if (sequence.size() == 2 && byte(0) == 0xc2 && byte(1) < 0xa0) {
      append_control(out, byte(1));  // U+0080..U+009F: terminals obey them
    } else {
      out += sequence;
    }
  });
}

void append_json_latin1(std::string& out, std::string_view bytes) {
  out += '"';
  std::size_t plain = 0;  // bytes before this are in `out`
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') continue;
    out.append(bytes.substr(plain, i - plain));
    plain = i + 1;
    if (byte < 0x7f) {
      append_ascii(out, c);
    } else if (byte < 0xa0) {
      // U+0085 ends a line for some readers of text, so DEL and the C1 controls are escaped as well.
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out += static_cast<char>(0xc0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  out.append(bytes.substr(plain));
  out += '"';
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_ += ':';
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::value(bool flag) { return raw(flag ? "true" : "false"); }

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  separate();
  fmt::format_to(std::back_inserter(out_), "{}", number);
  return *this;
}

JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_.append(json);
  return *this;
}

std::string JsonWriter::take() {
  CHECK(depth_ == 0 && !after_key_);
  has_items_ = 0;
  return std::exchange(out_, {});
}

JsonWriter& JsonWriter::begin(char bracket) {
  separate();
  out_ += bracket;
  CHECK(depth_ < 63);
  ++depth_;
  has_items_ &= ~(std::uint64_t{1} << depth_);
  return *this;
}

JsonWriter& JsonWriter::end(char bracket) {
  CHECK(depth_ > 0 && !after_key_);
  --depth_;
  out_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::unsigned_number(std::uint64_t number) {
  separate();
  fmt::format_to(std::back_inserter(out_), "{}", number);
  return *this;
}

JsonWriter& JsonWriter::signed_number(std::int64_t number) {
  separate();
  fmt::format_to(std::back_inserter(out_), "{}", number);
  return *this;
}

void JsonWriter::separate() {
  if (std::exchange(after_key_, false)) return;
  const std::uint64_t bit = std::uint64_t{1} << depth_;
  if ((has_items_ & bit) != 0) out_ += ',';
  has_items_ |= bit;
}

}  // namespace understudy
