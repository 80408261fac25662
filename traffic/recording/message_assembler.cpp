#include "traffic/recording/message_assembler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace understudy {
namespace {

bool is_safe(std::string_view text) {
  constexpr std::string_view breaks("\r\n\0", 3);
  return text.find_first_of(breaks) == std::string_view::npos;
}

bool has_one_line_each(const MessageParts& parts) {
  if (!is_safe(parts.method) || !is_safe(parts.target) || !is_safe(parts.reason)) return false;
  return std::all_of(parts.fields.begin(), parts.fields.end(),
                     [](const MessagePart& field) { return is_safe(field.name) && is_safe(field.value); });
}

void write_head(std::string& out, MessageKind kind, const MessageParts& parts) {
  out.clear();
  if (kind == MessageKind::request) {
    fmt::format_to(std::back_inserter(out), "{} {} HTTP/{}.{}\r\n", parts.method, parts.target, parts.version.major,
                   parts.version.minor);
  } else {
    fmt::format_to(std::back_inserter(out), "HTTP/{}.{} {:03} {}\r\n", parts.version.major, parts.version.minor,
                   parts.status, parts.reason);
  }
  for (const MessagePart& field : parts.fields) {
    out += field.name;
    out += ": ";
    out += field.value;
    out += "\r\n";
  }
  out += "\r\n";
}

}  // namespace

const MessagePart* find_field(const MessageParts& parts, std::string_view name) {
  for (const MessagePart& field : parts.fields) {
    if (equals_ignoring_case(field.name, name)) return &field;
  }
  return nullptr;
}

void remove_field(MessageParts& parts, std::string_view name) {
  std::erase_if(parts.fields, [name](const MessagePart& field) { return equals_ignoring_case(field.name, name); });
}

void set_field(MessageParts& parts, std::string_view name, std::string value) {
  bool is_set = false;
  std::erase_if(parts.fields, [&](MessagePart& field) {
    if (!equals_ignoring_case(field.name, name)) return false;
    if (is_set) return true;
    field.value = value;
    is_set = true;
    return false;
  });
  if (!is_set) parts.fields.push_back({std::string(name), std::move(value)});
}

Result<HttpMessage> MessageAssembler::request(MessageParts& parts) {
  if (parts.method.empty() || parts.target.empty()) {
    return fail(ExitCode::recording_unreadable, "a request without a method or a target");
  }
  return assemble(MessageKind::request, parts, {});
}

Result<HttpMessage> MessageAssembler::response(MessageParts& parts, Answers answers, bool complete) {
  return assemble(MessageKind::response, parts, {answers, !complete});
}

Result<HttpMessage> MessageAssembler::assemble(MessageKind kind, MessageParts& parts,
                                               const WholeMessageOptions& options) {
  if (!has_one_line_each(parts)) {
    return fail(ExitCode::recording_unreadable, "a head with a line break or a zero byte in it");
  }
  auto message = parse(kind, parts, options);
  if (message || !parts.content) return message;
  // The head and the body do not agree. Only Content-Length is ours to change.
  const bool has_no_body = kind == MessageKind::response && parts.content->empty();
  if (find_field(parts, "Transfer-Encoding") != nullptr || options.may_be_cut || has_no_body) return message;
  set_field(parts, "Content-Length", std::to_string(parts.content->size()));
  return parse(kind, parts, options);
}

Result<HttpMessage> MessageAssembler::parse(MessageKind kind, const MessageParts& parts,
                                            const WholeMessageOptions& options) {
  write_head(head_, kind, parts);
  if (!parts.content) return parser_.parse_head_only(kind, head_, parts.content_size, parts.content_size, options);
  const std::string& content = *parts.content;
  if (find_field(parts, "Transfer-Encoding") == nullptr) return parser_.parse(kind, head_, content, options);
  // Whether it was chunked depends on more than this field, so the parser is asked.
  auto framed = parser_.parse_head_only(kind, head_, 0, 0, options);
  if (!framed || framed->framing() != BodyFraming::chunked) return parser_.parse(kind, head_, content, options);
  frame_ = content.empty() ? "" : fmt::format("{:x}\r\n", content.size());
  const std::string_view end = options.may_be_cut ? "" : content.empty() ? "0\r\n\r\n" : "\r\n0\r\n\r\n";
  const std::array<std::string_view, 3> body{frame_, content, end};
  return parser_.parse(kind, head_, body, options);
}

}  // namespace understudy
