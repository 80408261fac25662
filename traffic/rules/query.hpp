// The parts of a request target, and the parameters of a query or of a form body, where they lie.
//
// Parameters are "name=value" pairs with "&" between them (application/x-www-form-urlencoded, WHATWG URL section 5.1):
// "+" is a space and %XX a byte. Malformed percent-encoding stands for itself. All views are into the text that was
// given.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace understudy {

// target = prefix + path + ("?" + query if has_query).
struct TargetParts {
  std::string_view prefix;  // "http://host" of an absolute form, else empty
  std::string_view path;    // of origin form; the whole target of asterisk and authority form
  std::string_view query;
  bool has_query = false;
};

// RFC 9112 section 3.2.
[[nodiscard]] TargetParts split_target(std::string_view target);

// One parameter, encoded as it was sent. `value` is empty when there is no "=".
struct Parameter {
  std::string_view name;
  std::string_view value;
  std::string_view whole;
};

// Hands out the parameters of a query in order. Empty ones ("a&&b") are skipped.
class ParameterReader {
 public:
  explicit ParameterReader(std::string_view query) : rest_(query) {}
  [[nodiscard]] std::optional<Parameter> next();

 private:
  std::string_view rest_;
};

// Whether `encoded` decodes to `plain`. Does not allocate.
[[nodiscard]] bool decodes_to(std::string_view encoded, std::string_view plain);

// The decoded text: `encoded` itself when nothing in it is encoded, else `storage`, which is overwritten.
[[nodiscard]] std::string_view decode_parameter(std::string_view encoded, std::string& storage);

// Appends `plain` with everything but unreserved characters (RFC 3986 section 2.3) percent-encoded.
void append_encoded(std::string& out, std::string_view plain);

}  // namespace understudy
