#include "traffic/pipeline/redacted_take.hpp"

#include "traffic/rules/content_coding.hpp"

namespace understudy {
namespace {

bool is_framing(std::string_view name) {
  return equals_ignoring_case(name, "content-length") || equals_ignoring_case(name, "transfer-encoding");
}

// A line of a head with another value.
void append_line(std::string& out, const HttpMessage& message, std::size_t index, std::string_view value) {
  const FieldLine& field = message.fields()[index];
  const std::string_view line = message.field_line(index);
  const std::size_t before = field.value.offset - field.name.offset;
  out.append(line.substr(0, before));
  out.append(value);
  out.append(line.substr(before + field.value.length));
}

// False for most messages, at little cost: redact() would leave it as it is.
bool may_redact_fields(std::string_view head, std::span<const FieldLine> fields, const Redactor& redactor) {
  bool any = false;
  for (const FieldLine& field : fields) any |= redactor.may_redact_field(field.name.length, head[field.name.offset]);
  return any;
}

bool may_redact(const HttpMessage& message, const Redactor& redactor) {
  return (redactor.may_redact_targets() && message.is_request()) ||
         (redactor.may_redact_bodies() && message.body().is_kept()) ||
         may_redact_fields(message.raw_head(), message.fields(), redactor);
}

bool may_redact(const MessageInPlace& response, const Redactor& redactor) {
  return (redactor.may_redact_bodies() && !response.body.empty()) ||
         may_redact_fields(response.head.bytes, response.head.fields, redactor);
}

}  // namespace

const TakeExchange& RedactedTake::of(const Exchange& exchange, const Redactor& redactor) {
  TakeExchange& view = capture_.of(exchange);
  redact_request(exchange.request->message, redactor, view);
  if (!view.response) return view;
  const HttpMessage& response = exchange.response->message;
  if (may_redact(response, redactor)) redact(response, redactor, response_, *view.response);
  return view;
}

const TakeExchange& RedactedTake::of(OfferedExchange& exchange, const Redactor& redactor) {
  const MessageInPlace* const response = exchange.response_in_place();
  if (response == nullptr || may_redact(*response, redactor)) return of(*exchange, redactor);
  const CapturedRequest& request = exchange.request();
  TakeExchange& view = capture_.of(request, *response);
  redact_request(request.message, redactor, view);
  return view;
}

void RedactedTake::redact_request(const HttpMessage& request, const Redactor& redactor, TakeExchange& view) {
  if (may_redact(request, redactor)) redact(request, redactor, request_, view.request);
}

void RedactedTake::redact(const HttpMessage& message, const Redactor& redactor, Replaced& replaced, TakeMessage& view) {
  std::optional<std::string> target;
  if (message.is_request() && redactor.may_redact_targets()) target = redactor.target(message.target());
  std::optional<std::string> body;
  if (message.body().is_kept() && redactor.may_redact_bodies()) body = redactor.body(message);
  values_.clear();
  const std::span<const FieldLine> fields = message.fields();
  const std::string_view head = message.raw_head();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const TextRange range = fields[i].name;
    if (range.length == 0 || !redactor.may_redact_field(range.length, head[range.offset])) continue;
    const std::string_view name = message.name(fields[i]);
    auto value = redactor.field_value(name, message.value(fields[i]));
    if (value && !is_framing(name)) values_.emplace_back(i, std::move(*value));
  }
  if (!target && !body && values_.empty()) return;
  if (body) replaced.body = std::move(*body);
  write_head(message, target, body.has_value(), replaced);
  view.head = replaced.head;
  if (!body) return;
  replaced.piece = replaced.body;
  view.body = std::span<const std::string_view>(&replaced.piece, 1);
  view.wire_size = replaced.body.size();
  view.content_size = replaced.body.size();
}

void RedactedTake::write_head(const HttpMessage& message, const std::optional<std::string>& target, bool has_new_body,
                              Replaced& replaced) {
  const std::string_view raw = message.raw_head();
  const TextRange old_target = message.target_range();
  std::string& out = replaced.head;
  out.assign(raw.substr(0, message.start_line_length()));
  if (target) out.replace(old_target.offset, old_target.length, *target);
  const std::string length = std::to_string(replaced.body.size());
  // A body that could not be decoded was replaced by a marker, which has no coding.
  const bool drop_coding = has_new_body && content_coding_of(message) == ContentCoding::other;
  bool has_length = false;
  auto next_value = values_.cbegin();
  for (std::size_t i = 0; i < message.fields().size(); ++i) {
    const std::string_view name = message.name(message.fields()[i]);
    if (next_value != values_.cend() && next_value->first == i) {
      append_line(out, message, i, (next_value++)->second);
    } else if (has_new_body && equals_ignoring_case(name, "content-length")) {
      if (!std::exchange(has_length, true)) append_line(out, message, i, length);
    } else if (has_new_body &&
               (equals_ignoring_case(name, "transfer-encoding") || equals_ignoring_case(name, "trailer") ||
                (drop_coding && equals_ignoring_case(name, "content-encoding")))) {
      continue;
    } else {
      out.append(message.field_line(i));
    }
  }
  const std::string_view empty_line = raw.substr(message.empty_line_offset());
  if (has_new_body && !has_length) out.append("Content-Length: ").append(length).append(empty_line);
  out.append(empty_line);
}

}  // namespace understudy
