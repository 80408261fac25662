// What the HTTP/1.x reader accepts beyond the letter of RFC 9112, and its bounds.
//
// Every leniency is a named boolean with a default and the reason for it. The defaults follow one thought: the mirror
// stands beside a server that has already decided. What widely used servers accept, and what can be framed without
// doubt, is accepted; what servers frame in different ways is refused, because a wrong guess would send requests on
// that nobody made. A refused message is counted as malformed, and reading starts again at the next plausible message
// start.
//
// A plain value; copy it freely.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace understudy {

struct FramingPolicy {
  // --- lines ---

  // A line that ends in LF alone, in heads (RFC 9112 section 2.2 lets a recipient accept it; nginx and Apache do).
  bool accept_bare_lf = true;
  // A CR in the middle of a line. RFC 9112 section 2.2: invalid. Where it is taken for a line end, the fields differ.
  bool accept_bare_cr = false;
  // Empty lines before a request line (RFC 9112 section 2.2: at least one should be ignored; old clients send one after
  // a POST body). They are left out of the message. The bound is FramingLimits::leading_empty_bytes_max.
  bool accept_leading_empty_lines = true;

  // --- start line ---

  // More than one space, or tabs, between the parts of a request line, or behind it (RFC 9112 section 3 lets a
  // recipient split on white space; nginx does in part).
  bool accept_extra_space_in_request_line = true;
  // A target that contains spaces: RFC 9112 section 3.2 says it must not be guessed at. Refused.
  bool accept_space_in_target = false;
  // Bytes from 0x80 on in a target. Not in the grammar, but browsers of old and scanners send UTF-8, and servers take
  // it.
  bool accept_high_bytes_in_target = true;
  // HTTP/1.2 to HTTP/1.9, read as HTTP/1.1 (RFC 9110 section 2.5: the major version decides the syntax).
  bool accept_other_minor_version = true;
  // Any other "HTTP/x.y" in a request line with the syntax of HTTP/1. Servers answer 505. Refused.
  bool accept_other_major_version = false;

  // --- field lines ---

  // A field value continued on a line that begins with white space (RFC 9112 section 5.2 lets it be replaced by spaces,
  // which is done here in place).
  bool accept_obs_fold = true;
  // White space between a request's field name and the colon. RFC 9112 section 5.1: must be refused, because it hides
  // framing fields from some recipients.
  bool accept_space_before_colon = false;
  // The same in a response, where RFC 9112 section 5.1 tells proxies to remove it and go on.
  bool accept_space_before_colon_in_response = true;
  // A field name with bytes that no token has (but neither white space nor control bytes). nginx ignores such a field
  // and serves the request; a field of an unknown name cannot change the framing.
  bool accept_non_token_field_name = true;
  // A line without a colon. nginx ignores it, most others answer 400. Refused.
  bool accept_line_without_colon = false;
  // NUL in a field value. RFC 9110 section 5.5: dangerous. Refused. Other control bytes may stay (same section).
  bool accept_nul_in_value = false;

  // --- framing fields, RFC 9112 section 6 ---

  // Content-Length and Transfer-Encoding in one request: the latter would win, but section 6.3 calls it an attempt at
  // smuggling, and nginx, Node.js and others answer 400. Refused.
  bool accept_content_length_with_transfer_encoding = false;
  // The same in a response; clients let Transfer-Encoding win.
  bool accept_content_length_with_transfer_encoding_in_response = true;
  // Several Content-Length values that are all equal, in one field or in many (section 6.3, rule 5).
  bool accept_repeated_equal_content_length = true;
  // Transfer-Encoding in an HTTP/1.0 message. Section 6.1 calls the framing faulty but has the message processed.
  bool accept_transfer_encoding_in_http10 = true;
  // Codings before a final "chunked" ("gzip, chunked"): the framing is exact, the content is passed on as it is.
  bool accept_other_transfer_codings = true;
  // "Transfer-Encoding: identity", from RFC 2616, read as if the field were absent.
  bool accept_identity_transfer_coding = true;

  // --- chunks, RFC 9112 section 7.1 ---

  // A chunk's size line, its data or a trailer line ended by LF alone. nginx and Apache accept it.
  bool accept_bare_lf_in_chunks = true;
  // White space behind a chunk's size (old servers pad the size with spaces; section 7.1.1 allows it before
  // extensions).
  bool accept_space_after_chunk_size = true;
  // Zeros in front of a chunk's size. The grammar allows them; some recipients limit the digits.
  bool accept_chunk_size_leading_zeros = true;

  // --- starting again after a gap or in midstream ---

  // A message start is looked for at the beginning of a segment. With this it is also looked for behind an empty line
  // inside one. Off, because bodies of batch requests contain whole requests behind an empty line.
  bool resync_inside_segment = false;
};

struct FramingLimits {
  std::size_t head_max = std::size_t{1} << 20;       // bytes of a head, start line and empty line included
  std::uint64_t body_max = std::uint64_t{64} << 20;  // wire bytes of a body that is kept; larger ones are skipped whole
  std::uint32_t fields_max = 16384;                  // field lines of a head
  std::size_t method_max = 128;                      // bytes of a method
  std::size_t chunk_line_max = std::size_t{16} << 10;  // bytes of a chunk's size line, extensions included
  std::size_t trailer_max = std::size_t{64} << 10;     // bytes of a trailer section
  std::size_t leading_empty_bytes_max = 1024;          // bytes of empty lines before a start line
};

// Why bytes were refused as HTTP/1.x. Names are part of the interface (logs, metrics): append only.
enum class Malformation : std::uint8_t {
  start_line,           // not "method target version" or "version status reason"
  target_bytes,         // control bytes, spaces or refused high bytes in the target
  version,              // not HTTP/1.x
  http09,               // a request line without a version (HTTP/0.9)
  bare_lf,              // by policy
  bare_cr,              // by policy
  leading_empty_lines,  // by policy, or too many
  obs_fold,             // by policy, or before the first field
  space_before_colon,   // by policy
  field_name,           // empty, or bytes that are refused
  no_colon,             // a field line without a colon
  nul_in_value,         // by policy
  too_many_fields,      // over FramingLimits::fields_max
  content_length,       // not a number
  conflicting_content_length,
  content_length_with_transfer_encoding,
  transfer_encoding,  // codings that leave the end of the body unknown
  chunk_size,         // not a hexadecimal number, or a line too long
  chunk_end,          // a chunk's data not followed by a line end
  trailer,            // too long
};
inline constexpr std::size_t malformation_count = static_cast<std::size_t>(Malformation::trailer) + 1;

// Stable snake_case names.
[[nodiscard]] std::string_view to_string(Malformation malformation);

}  // namespace understudy
