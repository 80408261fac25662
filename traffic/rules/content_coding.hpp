// Content codings of bodies (RFC 9110 section 8.4.1), as far as redaction looks into them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/http/message.hpp"

namespace understudy {

enum class ContentCoding : std::uint8_t {
  identity,
  gzip,     // RFC 1952
  deflate,  // the zlib format, RFC 1950
  other,    // another one, or several
};

inline constexpr std::size_t decoded_size_max = std::size_t{64} << 20U;

[[nodiscard]] ContentCoding content_coding_of(const HttpMessage& message);

// The decoded content. Nothing when it is damaged, cut, or larger than decoded_size_max, so that a small body cannot
// fill the memory. REQUIRES: gzip or deflate.
[[nodiscard]] std::optional<std::string> decode_content(ContentCoding coding, std::string_view encoded);

// REQUIRES: gzip or deflate.
[[nodiscard]] std::string encode_content(ContentCoding coding, std::string_view content);

}  // namespace understudy
