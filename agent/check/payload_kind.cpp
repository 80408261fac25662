#include "agent/check/payload_kind.hpp"

#include <algorithm>
#include <cstddef>

#include "traffic/base/bytes.hpp"
#include "traffic/http/head_parser.hpp"

namespace understudy {
namespace {

constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t long_enough = 16;  // bytes of a cut start line that tell it from chance

bool is_start(MessageKind kind, std::string_view payload) {
  const StartMatch match = match_start(kind, payload);
  return match == StartMatch::yes || (match == StartMatch::partial && payload.size() >= long_enough);
}

// Frames that fill the payload exactly: 9 bytes of header with a known type, a stream number without its reserved bit,
// and a length within the default limit. Chance does not look like that.
bool is_http2_frames(std::string_view payload) {
  constexpr std::size_t header_length = 9;
  constexpr std::uint32_t length_max = 16'384;
  constexpr std::uint8_t type_max = 0x09;  // CONTINUATION
  if (payload.size() < header_length) return false;
  while (!payload.empty()) {
    if (payload.size() < header_length) return false;
    const std::uint8_t* const bytes = as_bytes(payload).data();
    const std::uint32_t length = load_be32(bytes) >> 8;
    if (length > length_max || bytes[3] > type_max || (bytes[5] & 0x80) != 0) return false;
    if (payload.size() < header_length + length) return false;
    payload.remove_prefix(header_length + length);
  }
  return true;
}

bool is_tls_record(std::string_view payload) {
  constexpr std::size_t header_length = 5;
  constexpr std::uint8_t first_type = 20;  // change_cipher_spec
  constexpr std::uint8_t last_type = 23;   // application_data
  constexpr std::uint32_t length_max = 16'384 + 2'048;
  if (payload.size() < header_length) return false;
  const std::uint8_t* const bytes = as_bytes(payload).data();
  const std::uint32_t length = load_be16(bytes + 3);
  return bytes[0] >= first_type && bytes[0] <= last_type && bytes[1] == 3 && bytes[2] <= 4 && length > 0 &&
         length <= length_max;
}

}  // namespace

PayloadKind classify_payload(std::string_view payload) {
  if (payload.starts_with(http2_preface.substr(0, std::min(payload.size(), http2_preface.size()))) &&
      payload.size() >= long_enough) {
    return PayloadKind::http2;
  }
  if (is_start(MessageKind::request, payload)) return PayloadKind::http_request;
  if (is_start(MessageKind::response, payload)) return PayloadKind::http_response;
  if (is_tls_record(payload)) return PayloadKind::tls;
  if (is_http2_frames(payload)) return PayloadKind::http2;
  return PayloadKind::other;
}

}  // namespace understudy
