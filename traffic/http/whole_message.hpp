// Parses one HTTP/1.x message that lies in memory whole: a recorded head and the wire bytes of its body.
//
// For readers of recordings. What a recording holds was accepted once, so every leniency of FramingPolicy is on: they
// decide only whether odd bytes are refused, never what accepted bytes mean. Heads and bodies are as long as what is
// given; a caller bounds what it reads.
//
//   WholeMessageParser parser;                                        // keep it: parsing reuses its memory
//   Result<HttpMessage> request = parser.parse(MessageKind::request, head, body_pieces);
//   Result<HttpMessage> response = parser.parse(MessageKind::response, head, body, {answers_to(*request)});
//
// Cost: about 0.3 us for a small GET; two allocations for a head, three for a body. Thread safety: one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "traffic/base/error.hpp"
#include "traffic/http/head_parser.hpp"
#include "traffic/http/message.hpp"

namespace understudy {

// What a response to this request answers, as far as framing depends on it (HEAD, CONNECT).
[[nodiscard]] Answers answers_to(const HttpMessage& request);
[[nodiscard]] Answers answers_to(std::string_view request_method);

struct WholeMessageOptions {
  Answers answers = Answers::ordinary;  // responses: what they answer
  // A body that is shorter than its head says is taken as it is: a response that the capture saw only in part.
  bool may_be_cut = false;
};

class WholeMessageParser {
 public:
  // Every leniency on, and no bound but the bytes given.
  WholeMessageParser();
  // For a caller that wants to refuse more.
  explicit WholeMessageParser(const FramingPolicy& policy);

  // `head` is one head through its empty line and nothing more. `body` is the body as it was on the wire, chunk framing
  // included, in pieces that are joined; no piece needs to end anywhere in particular. The message copies what it
  // needs. Errors, all ExitCode::recording_unreadable: the head is malformed, ends early or has bytes behind it; the
  // body is longer or shorter than the head says (RFC 9112 section 6.3), or its chunks are malformed.
  [[nodiscard]] Result<HttpMessage> parse(MessageKind kind, std::string_view head,
                                          std::span<const std::string_view> body,
                                          const WholeMessageOptions& options = {});
  [[nodiscard]] Result<HttpMessage> parse(MessageKind kind, std::string_view head, std::string_view body,
                                          const WholeMessageOptions& options = {});
  // Head and body in one piece, as they follow each other on the wire.
  [[nodiscard]] Result<HttpMessage> parse_text(MessageKind kind, std::string_view text,
                                               const WholeMessageOptions& options = {});
  // A message whose body was not kept: only its sizes are known. The result's body().is_kept() is false unless
  // wire_size is 0.
  [[nodiscard]] Result<HttpMessage> parse_head_only(MessageKind kind, std::string_view head, std::uint64_t wire_size,
                                                    std::uint64_t content_size,
                                                    const WholeMessageOptions& options = {});

 private:
  // Parses the head at the front of `text` into `message`, its framing included.
  [[nodiscard]] Result<void> take_head(MessageKind kind, std::string_view text, Answers answers, HttpMessage& message);
  [[nodiscard]] Result<void> take_body(std::span<const std::string_view> body, bool may_be_cut, HttpMessage& message);
  [[nodiscard]] Result<void> take_chunks(std::span<const std::string_view> body, bool may_be_cut, HttpMessage& message);

  HeadParser parser_;
};

}  // namespace understudy
