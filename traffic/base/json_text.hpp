// Writes JSON text (RFC 8259): one small writer for everything of this project that prints JSON.
//
// The output is compact, on one line, and always valid UTF-8. Text from the network may hold any bytes:
// append_json_string replaces each byte that is not part of valid UTF-8 with U+FFFD. Where bytes must survive as code
// points (recordings), append_json_latin1 maps each byte above 0x7e to U+0080..U+00FF instead.
//
//   JsonWriter json;
//   json.begin_object().member("name", name).key("ports").begin_array().value(80).value(443).end_array().end_object();
//   std::string text = json.take();
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace understudy {

// Appends `text` as a JSON string with its quotes. Control characters are escaped; invalid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// Appends `bytes` as a JSON string with its quotes, each byte as the code point of the same number (Latin-1).
void append_json_latin1(std::string& out, std::string_view bytes);

// Appends `text` as one line that is safe on a terminal and in a log: control characters as \u001b, invalid UTF-8 as
// U+FFFD, everything else as it is.
void append_printable(std::string& out, std::string_view text);

// Whether append_json_string keeps every byte of it: valid UTF-8 (RFC 3629).
[[nodiscard]] bool is_utf8(std::string_view text);

// Puts the commas and the quotes. REQUIRES: calls in an order that makes a JSON value: keys only inside objects, each
// followed by one value; every begin closed by its end. Nesting deeper than 64 is CHECKed. Not thread safe.
class JsonWriter {
 public:
  JsonWriter& begin_object() { return begin('{'); }
  JsonWriter& end_object() { return end('}'); }
  JsonWriter& begin_array() { return begin('['); }
  JsonWriter& end_array() { return end(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool flag);
  JsonWriter& value(double number);  // null when it is infinite or not a number
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) JsonWriter& value(T number) { return unsigned_number(number); }
  template <std::signed_integral T>
  JsonWriter& value(T number) {
    return signed_number(number);
  }
  JsonWriter& null();
  // A value that is JSON text already. REQUIRES: it is valid.
  JsonWriter& raw(std::string_view json);

  template <typename T>
  JsonWriter& member(std::string_view name, const T& content) {
    return key(name).value(content);
  }

  // What was written so far; the writer is empty afterwards. REQUIRES: everything begun is ended.
  [[nodiscard]] std::string take();

 private:
  JsonWriter& begin(char bracket);
  JsonWriter& end(char bracket);
  JsonWriter& unsigned_number(std::uint64_t number);
  JsonWriter& signed_number(std::int64_t number);
  void separate();  // the comma before a value or a key, where one is due

  std::string out_;
  unsigned depth_ = 0;
  std::uint64_t has_items_ = 0;  // bit n: the container at depth n has an item already
  bool after_key_ = false;
};

}  // namespace understudy
