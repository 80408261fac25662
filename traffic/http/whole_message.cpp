#include "traffic/http/whole_message.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include "traffic/http/chunk_reader.hpp"

namespace understudy {
namespace {

FramingPolicy every_leniency() {
  FramingPolicy policy;
  policy.accept_bare_cr = true;
  policy.accept_space_in_target = true;
  policy.accept_other_major_version = true;
  policy.accept_space_before_colon = true;
  policy.accept_line_without_colon = true;
  policy.accept_nul_in_value = true;
  policy.accept_content_length_with_transfer_encoding = true;
  return policy;
}

FramingLimits no_limits() {
  constexpr std::size_t most = std::numeric_limits<std::int32_t>::max();  // the parsers count in 32 bits
  FramingLimits limits;
  limits.head_max = most;
  limits.body_max = std::numeric_limits<std::uint64_t>::max();
  limits.fields_max = most;
  limits.method_max = most;
  limits.chunk_line_max = most;
  limits.trailer_max = most;
  return limits;
}

std::string_view name_of(MessageKind kind) { return kind == MessageKind::request ? "request" : "response"; }

tl::unexpected<Error> refused(std::string text) { return fail(ExitCode::recording_unreadable, std::move(text)); }

std::uint64_t size_of(std::span<const std::string_view> pieces) {
  std::uint64_t sum = 0;
  for (const std::string_view piece : pieces) sum += piece.size();
  return sum;
}

}  // namespace

Answers answers_to(const HttpMessage& request) { return answers_to(request.method()); }

Answers answers_to(std::string_view request_method) {
  if (request_method == "HEAD") return Answers::head;
  return request_method == "CONNECT" ? Answers::connect : Answers::ordinary;
}

WholeMessageParser::WholeMessageParser() : WholeMessageParser(every_leniency()) {}
WholeMessageParser::WholeMessageParser(const FramingPolicy& policy) : parser_(policy, no_limits()) {}

Result<HttpMessage> WholeMessageParser::parse(MessageKind kind, std::string_view head,
                                              std::span<const std::string_view> body,
                                              const WholeMessageOptions& options) {
  HttpMessage message;
  if (auto taken = take_head(kind, head, options.answers, message); !taken) return tl::unexpected(taken.error());
  if (parser_.head().bytes.size() != head.size())
    return refused(fmt::format("bytes behind a {}'s head", name_of(kind)));
  if (auto taken = take_body(body, options.may_be_cut, message); !taken) return tl::unexpected(taken.error());
  return message;
}

Result<HttpMessage> WholeMessageParser::parse(MessageKind kind, std::string_view head, std::string_view body,
                                              const WholeMessageOptions& options) {
  return parse(kind, head, std::span(&body, 1), options);
}

Result<HttpMessage> WholeMessageParser::parse_text(MessageKind kind, std::string_view text,
                                                   const WholeMessageOptions& options) {
  HttpMessage message;
  if (auto taken = take_head(kind, text, options.answers, message); !taken) return tl::unexpected(taken.error());
  const std::array<std::string_view, 1> body{text.substr(parser_.head().bytes.size())};
  if (auto taken = take_body(body, options.may_be_cut, message); !taken) return tl::unexpected(taken.error());
  return message;
}

Result<HttpMessage> WholeMessageParser::parse_head_only(MessageKind kind, std::string_view head,
                                                        std::uint64_t wire_size, std::uint64_t content_size,
                                                        const WholeMessageOptions& options) {
  HttpMessage message;
  if (auto taken = take_head(kind, head, options.answers, message); !taken) return tl::unexpected(taken.error());
  if (parser_.head().bytes.size() != head.size())
    return refused(fmt::format("bytes behind a {}'s head", name_of(kind)));
  if (content_size > wire_size) return refused(fmt::format("a {}'s body with more content than bytes", name_of(kind)));
  if (wire_size == 0) return message;
  message.body_.count(content_size, true);
  message.body_.count(wire_size - content_size, false);
  return message;
}

Result<void> WholeMessageParser::take_head(MessageKind kind, std::string_view text, Answers answers,
                                           HttpMessage& message) {
  const HeadParser::Outcome outcome = parser_.parse(kind, text);
  if (outcome.status == HeadParser::Status::incomplete)
    return refused(fmt::format("a {} whose head has no end", name_of(kind)));
  if (outcome.status == HeadParser::Status::malformed)
    return refused(fmt::format("a malformed {}: {}", name_of(kind), to_string(outcome.malformation)));
  parser_.copy_to(message);
  message.framing_ =
      kind == MessageKind::request ? request_framing(parser_.head()) : response_framing(parser_.head(), answers);
  return {};
}

Result<void> WholeMessageParser::take_body(std::span<const std::string_view> body, bool may_be_cut,
                                           HttpMessage& message) {
  const std::uint64_t size = size_of(body);
  const auto wrong_size = [&](std::uint64_t wanted) {
    return refused(fmt::format("a body of {} bytes, where its head says {}", size, wanted));
  };
  switch (message.framing_) {
    case BodyFraming::none:
      if (size > 0) return wrong_size(0);
      return {};
    case BodyFraming::content_length: {
      const std::uint64_t wanted = parser_.head().content_length;
      if (size > wanted || (size < wanted && !may_be_cut)) return wrong_size(wanted);
      break;
    }
    case BodyFraming::chunked: return take_chunks(body, may_be_cut, message);
    case BodyFraming::until_close: break;
  }
  std::uint64_t left = size;
  for (const std::string_view piece : body) {
    left -= piece.size();
    message.body_.append(piece, true, left);
  }
  return {};
}

Result<void> WholeMessageParser::take_chunks(std::span<const std::string_view> body, bool may_be_cut,
                                             HttpMessage& message) {
  ChunkReader chunks;
  bool ended = false;
  std::uint64_t left = size_of(body);
  for (std::string_view piece : body) {
    while (!piece.empty()) {
      if (ended) return refused("bytes behind the end of a chunked body");
      const ChunkReader::Step step = chunks.next(piece, parser_.policy(), parser_.limits());
      if (step.part == ChunkReader::Part::malformed)
        return refused(fmt::format("a malformed chunked body: {}", to_string(chunks.malformation())));
      left -= step.length;
      message.body_.append(piece.substr(0, step.length), step.part == ChunkReader::Part::content, left);
      piece.remove_prefix(step.length);
      ended = step.part == ChunkReader::Part::end;
    }
  }
  if (!ended && !may_be_cut) return refused("a chunked body without its end");
  return {};
}

}  // namespace understudy
