// What stands in place of a redacted value.
#pragma once

#include <string>
#include <string_view>

namespace understudy {

// Thread safety: a const Marker may be used from any thread.
class Marker {
 public:
  // With an empty key every value becomes "[redacted]"; otherwise "[redacted:" and the first 16 hexadecimal digits of
  // the value's HMAC-SHA-256 (RFC 2104) under the key, then "]".
  explicit Marker(std::string_view key) : key_(key) {}

  [[nodiscard]] std::string text(std::string_view value) const;
  // The same, percent-encoded for a query or a form.
  [[nodiscard]] std::string encoded(std::string_view value) const;

 private:
  std::string key_;
};

// Whether the text is such a marker, as a whole.
[[nodiscard]] bool is_marker(std::string_view text);

}  // namespace understudy
