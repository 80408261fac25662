// One HTTP/1.x message as it was on the wire: its head's own bytes, an index into them, and its body.
//
// The head is kept byte for byte (RFC 9112 section 2.1, from the start line to the empty line), because a request is
// sent on with the bytes, order and case it came with. Fields are offsets into it. The one edit made here: an
// obs-fold's line break is overwritten with spaces, in place (RFC 9112 section 5.2), so lengths stay the same.
//
// Ownership: a message owns all it shows. Move only; it is built by one MessageReader (or HeadDraft), then published as
// const. When a reader was told to retain nothing, status, version, framing and the body's size are all there is.
// Thread safety: a const message may be read from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/http/body.hpp"

namespace understudy {

// A stretch of a message's head.
struct TextRange {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

struct FieldLine {
  TextRange name;
  TextRange value;  // without the white space around it
};

// How the body's end is found (RFC 9112 section 6.3).
enum class BodyFraming : std::uint8_t { none, content_length, chunked, until_close };

struct HttpVersion {
  std::uint8_t major = 1;
  std::uint8_t minor = 1;
};

class HttpMessage {
 public:
  HttpMessage() = default;
  HttpMessage(HttpMessage&&) = default;
  HttpMessage& operator=(HttpMessage&&) = default;
  HttpMessage(const HttpMessage&) = delete;
  HttpMessage& operator=(const HttpMessage&) = delete;

  [[nodiscard]] bool is_request() const { return status_ == 0; }
  [[nodiscard]] HttpVersion version() const { return version_; }
  [[nodiscard]] std::string_view method() const { return text(method_); }  // requests
  [[nodiscard]] std::string_view target() const { return text(target_); }  // requests
  [[nodiscard]] int status() const { return status_; }                     // responses; 0 in a request
  [[nodiscard]] std::string_view reason() const { return text(target_); }  // responses

  // The whole head, through the empty line.
  [[nodiscard]] std::string_view raw_head() const { return head_; }
  // Bytes of the start line with its line end; the field lines follow.
  [[nodiscard]] std::uint32_t start_line_length() const { return start_line_length_; }
  [[nodiscard]] TextRange target_range() const { return target_; }
  // Where the empty line begins that ends the head. REQUIRES: the head was retained.
  [[nodiscard]] std::uint32_t empty_line_offset() const;
  // A field's whole line, its line end included. REQUIRES: index < fields().size().
  [[nodiscard]] std::string_view field_line(std::size_t index) const;

  [[nodiscard]] std::span<const FieldLine> fields() const { return fields_; }
  [[nodiscard]] std::string_view name(const FieldLine& field) const { return text(field.name); }
  [[nodiscard]] std::string_view value(const FieldLine& field) const { return text(field.value); }
  // The first field of that name, compared without case.
  [[nodiscard]] std::optional<std::string_view> field(std::string_view name) const;

  // Whether the connection may carry another message after this one (RFC 9112 section 9.3).
  [[nodiscard]] bool persistent() const { return persistent_ && framing_ != BodyFraming::until_close; }
  [[nodiscard]] BodyFraming framing() const { return framing_; }
  [[nodiscard]] const Body& body() const { return body_; }

  // Bytes of memory that this message holds; what queues count against their limits.
  [[nodiscard]] std::size_t memory() const;

 private:
  friend class MessageReader;  // the builders: from the wire, through HeadParser,
  friend class HeadParser;
  friend class WholeMessageParser;  // from memory,
  friend class HeadDraft;           // and as an edited copy

  [[nodiscard]] std::string_view text(TextRange range) const {
    return std::string_view(head_).substr(range.offset, range.length);
  }

  std::string head_;
  std::vector<FieldLine> fields_;
  TextRange method_;
  TextRange target_;  // the reason phrase in a response
  std::uint32_t start_line_length_ = 0;
  std::int16_t status_ = 0;
  HttpVersion version_;
  BodyFraming framing_ = BodyFraming::none;
  bool persistent_ = true;
  Body body_;
};

// ASCII comparison without case, as field names want (RFC 9110 section 5.1).
[[nodiscard]] inline bool equals_ignoring_case(std::string_view left, std::string_view right) {
  constexpr auto to_lower = [](char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte;
  };
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i)
    if (to_lower(left[i]) != to_lower(right[i])) return false;
  return true;
}

}  // namespace understudy
