// Parses the head of one message: start line, field lines, and what they say about the body's framing.
//
// One parser serves any number of readers of one thread: it keeps no state between calls but its scratch vector, so
// that parsing a head in place does not allocate. Cost is linear in the head's length.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "traffic/http/framing_policy.hpp"
#include "traffic/http/message.hpp"

namespace understudy {

enum class MessageKind : std::uint8_t { request, response };

// What Transfer-Encoding says (RFC 9112 section 6.1).
enum class TransferCoding : std::uint8_t { none, chunked, not_chunked };

// A parsed head, borrowed: `bytes` is what was given to parse(), `fields` lies in the parser. Dead with the next
// parse().
struct ParsedHead {
  std::string_view bytes;  // from the start line through the empty line
  std::span<const FieldLine> fields;
  TextRange method;
  TextRange target;  // the reason phrase in a response
  std::uint32_t start_line_length = 0;
  std::int16_t status = 0;  // 0 in a request
  HttpVersion version;

  bool has_content_length = false;
  std::uint64_t content_length = 0;  // a longer number reads as 2^64-1, which never completes
  TransferCoding transfer_coding = TransferCoding::none;
  bool connection_close = false;       // Connection contains "close"
  bool connection_keep_alive = false;  // Connection contains "keep-alive"
  bool has_upgrade = false;            // an Upgrade field
  bool has_obs_fold = false;

  [[nodiscard]] std::string_view text(TextRange range) const { return bytes.substr(range.offset, range.length); }
  // Whether the connection may carry another message after this one (RFC 9112 section 9.3), as far as the head tells.
  [[nodiscard]] bool persistent() const { return !connection_close && (version.minor > 0 || connection_keep_alive); }
};

class HeadParser {
 public:
  enum class Status : std::uint8_t { complete, incomplete, malformed };
  struct Outcome {
    Status status = Status::incomplete;
    Malformation malformation = Malformation::start_line;  // when malformed
  };

  explicit HeadParser(const FramingPolicy& policy = {}, const FramingLimits& limits = {});
  HeadParser(const HeadParser&) = delete;
  HeadParser& operator=(const HeadParser&) = delete;

  // Parses a head at the beginning of `bytes`; what follows it is left alone. When complete, head() tells it.
  // Malformed is told as early as a whole line shows it.
  [[nodiscard]] Outcome parse(MessageKind kind, std::string_view bytes);
  [[nodiscard]] const ParsedHead& head() const { return head_; }

  // Copies head() into a message that owns its bytes: one allocation for the bytes, one for the fields, unless it has
  // room for them. An obs-fold's line breaks become spaces in the copy.
  void copy_to(HttpMessage& message) const;
  // The same, and the message's body with it. REQUIRES: that is none, or of declared length and whole.
  void copy_to(HttpMessage& message, BodyFraming framing, std::string_view body) const;
  // Only status, version and persistence; the message keeps no bytes.
  void copy_summary_to(HttpMessage& message) const;

  // Gives back a message that nobody needs any more. The memory of one is kept, if it is small.
  void recycle(HttpMessage&& message);
  // Gives that memory to an empty message, for those that are likely to come back.
  void lend_to(HttpMessage& message) {
    if (std::exchange(has_spare_, false)) message = std::move(spare_);
  }

  [[nodiscard]] const FramingPolicy& policy() const { return policy_; }
  [[nodiscard]] const FramingLimits& limits() const { return limits_; }

 private:
  // One line, found; `next` is where the following one begins.
  struct Line {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t next = 0;
    bool bare_lf = false;
    bool bare_cr = false;
    bool nul = false;
  };

  [[nodiscard]] static bool find_line(std::string_view bytes, std::size_t begin, Line& line);
  [[nodiscard]] Outcome check_line(const Line& line) const;
  [[nodiscard]] Outcome parse_start_line(MessageKind kind, const Line& line);
  [[nodiscard]] Outcome parse_request_line(std::string_view line);
  [[nodiscard]] Outcome parse_loose_request_line(std::string_view line);
  [[nodiscard]] Outcome take_target(std::size_t offset, std::string_view target);
  [[nodiscard]] Outcome take_version(std::string_view text);
  [[nodiscard]] Outcome parse_status_line(std::string_view line);
  [[nodiscard]] Outcome could_begin(MessageKind kind, std::string_view bytes) const;
  [[nodiscard]] Outcome parse_fields(MessageKind kind, std::size_t offset);
  [[nodiscard]] Outcome add_field(std::size_t name_begin, std::size_t name_end, std::size_t value_begin,
                                  std::size_t value_end);
  [[nodiscard]] Outcome parse_odd_field(MessageKind kind, std::size_t begin, std::size_t end);
  [[nodiscard]] Outcome parse_odd_name(MessageKind kind, std::size_t begin, std::size_t end, std::size_t& colon,
                                       std::size_t& name_end);
  [[nodiscard]] Outcome fold_into_last(std::size_t begin, std::size_t end);
  // Whether note_field() has any use for a name of that length.
  [[nodiscard]] static constexpr bool may_matter(std::size_t name_length) {
    constexpr std::uint32_t lengths = (1U << 7U) | (1U << 10U) | (1U << 14U) | (1U << 17U);
    return name_length < 32 && ((lengths >> name_length) & 1U) != 0;
  }
  [[nodiscard]] Outcome note_field(std::string_view name, std::string_view value);
  [[nodiscard]] Outcome note_content_length(std::string_view value);
  [[nodiscard]] Outcome note_transfer_encoding(std::string_view value);
  void note_connection(std::string_view value);
  [[nodiscard]] Outcome check_framing_fields(MessageKind kind) const;

  FramingPolicy policy_;
  FramingLimits limits_;
  ParsedHead head_;
  std::vector<FieldLine> fields_;
  HttpMessage spare_;  // empty, with room
  bool has_spare_ = false;
};

// How far a stretch of bytes agrees with a message start.
enum class StartMatch : std::uint8_t {
  no,       // cannot be one
  partial,  // agrees so far; the line is not complete
  yes,      // a whole, strictly valid start line
};

// Strict, whatever the policy: "METHOD target HTTP/1.x" or "HTTP/1.x NNN ...". For a request the method is one of those
// registered with IANA or well known beside them: behind a gap, "ET /x HTTP/1.1" is the rest of a lost request, and
// must not be sent on as one. Used to find a message start in the middle of a stream.
[[nodiscard]] StartMatch match_start(MessageKind kind, std::string_view bytes);
// The same for a request with any token as its method.
[[nodiscard]] StartMatch match_start_of_any_method(std::string_view bytes);

// RFC 9112 section 6.3 for a request. REQUIRES: `head` passed parse().
[[nodiscard]] BodyFraming request_framing(const ParsedHead& head);

// Which request a response answers, as far as framing depends on it.
enum class Answers : std::uint8_t { ordinary, head, connect };

// RFC 9112 section 6.3 for a response.
[[nodiscard]] BodyFraming response_framing(const ParsedHead& head, Answers answers);

}  // namespace understudy
