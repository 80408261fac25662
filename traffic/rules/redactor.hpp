// Removes secrets from messages: header values, query and form parameters, JSON fields.
//
// A redacted value becomes a marker: "[redacted]", or with a key "[redacted:" + 16 hexadecimal digits of the value's
// HMAC-SHA-256 (RFC 2104) + "]", so that equal values stay equal and nothing else is told. In queries and forms the
// brackets and the colon are percent-encoded, so that a URL stays one. A JSON value becomes the marker as a string,
// whatever it was.
//
// A body is JSON when its Content-Type says so (application/json, +json and the like), or when there is none and its
// first character is { or [; several values in a row are (NDJSON). Parameters are looked for in bodies of the types
// application/x-www-form-urlencoded and multipart/form-data. Bodies of other types are left alone. gzip and deflate are
// decoded, and encoded again when something was redacted.
//
// Fails closed where a rule for the body's type exists: when JSON or multipart is damaged, everything from the damage
// on becomes one marker, since nobody can tell what it holds; so does the whole body when its Content-Encoding cannot
// be decoded.
//
// Thread safety: a const Redactor may be used from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/error.hpp"
#include "traffic/http/message.hpp"
#include "traffic/rules/json_redaction.hpp"
#include "traffic/rules/marker.hpp"
#include "traffic/rules/rule_text.hpp"

namespace understudy {

class Redactor {
 public:
  // Redacts nothing yet. An empty key means the fixed marker.
  explicit Redactor(std::string_view key) : marker_(key) {}

  // Adds what a rule names: `part` is `redact` of the grammar in rule_options.hpp, without " on disk".
  [[nodiscard]] Result<void> add(const RuleText& rule, std::string_view part);
  void add_header(std::string_view name);

  [[nodiscard]] bool empty() const { return headers_.empty() && parameters_.empty() && json_.empty(); }
  // A field's value redacted, or nothing when it stays as it is: as a whole if a rule names the field (compared without
  // case), and the parameters of the URL in Referer and Location. Allocates only when it returns a value.
  [[nodiscard]] std::optional<std::string> field_value(std::string_view name, std::string_view value) const;
  // False: field_value() leaves every field as it is whose name has that length and first letter. Tells most names at
  // the price of a few instructions: a recording asks for each field of each message.
  [[nodiscard]] bool may_redact_field(std::size_t name_length, char first_letter) const {
    return (field_bits_ & name_bit(name_length, first_letter)) != 0;
  }
  // False: target() leaves every target as it is, or body() every body. For the same reason.
  [[nodiscard]] bool may_redact_targets() const { return !parameters_.empty(); }
  [[nodiscard]] bool may_redact_bodies() const { return !parameters_.empty() || !json_.empty(); }
  // The request target with its parameters redacted, or nothing when it stays as it is.
  [[nodiscard]] std::optional<std::string> target(std::string_view target) const;
  // The body's content redacted, or nothing when it stays as it is. Copies the content where a rule may apply.
  // REQUIRES: the body is kept.
  [[nodiscard]] std::optional<std::string> body(const HttpMessage& message) const;

 private:
  // One of 64, by length and first letter without case.
  [[nodiscard]] static std::uint64_t name_bit(std::size_t length, char first_letter) {
    const auto first = static_cast<unsigned char>(first_letter | 0x20);
    return std::uint64_t{1} << ((length * 5 + first) % 64);
  }
  // The parameters of a query or a form body, redacted.
  [[nodiscard]] std::optional<std::string> parameters(std::string_view text) const;
  [[nodiscard]] std::optional<std::string> multipart(std::string_view content, std::string_view content_type) const;

  Marker marker_;
  std::vector<std::string> headers_;
  std::uint64_t field_bits_ = 0;  // name_bit() of every field that may be redacted
  std::vector<std::string> parameters_;
  JsonSelection json_;
};

}  // namespace understudy
