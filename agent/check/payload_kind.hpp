// What one TCP segment's payload looks like, judged alone.
#pragma once

#include <cstdint>
#include <string_view>

namespace understudy {

enum class PayloadKind : std::uint8_t {
  http_request,  // begins with a start line
  http_response,
  http2,  // the preface, or whole frames (RFC 9113 sections 3.4 and 4.1)
  tls,    // a record header (RFC 8446 section 5.1)
  other,  // the middle of something, or another protocol
};

// Pure. Any bytes.
[[nodiscard]] PayloadKind classify_payload(std::string_view payload);

}  // namespace understudy
