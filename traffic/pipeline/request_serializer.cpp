#include "traffic/pipeline/request_serializer.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "traffic/base/check.hpp"
#include "traffic/http/head_draft.hpp"

namespace understudy {
namespace {

constexpr std::string_view forwarded_for_name = "X-Forwarded-For";
constexpr std::string_view authorization_name = "Authorization";

// An edited message, and the request whose bytes its body may share.
struct EditedRequest {
  RequestPtr original;
  HttpMessage message;
};

// The list goes on where its last line ends; without any line nothing is done here.
void append_forwarded_for(HeadDraft& draft, const std::string& client) {
  for (std::size_t i = draft.field_count(); i-- > 0;) {
    if (!equals_ignoring_case(draft.field_name(i), forwarded_for_name)) continue;
    draft.set_field_value(i, fmt::format("{}, {}", draft.field_value(i), client));
    return;
  }
}

// HTTP/1.0 without keep-alive: the connection ends with the response (RFC 9112 section 9.3).
[[nodiscard]] bool asks_for_close(const HttpMessage& message) {
  if (message.version().minor > 0) return false;
  const auto connection = message.field("Connection");
  return !connection || !equals_ignoring_case(*connection, "keep-alive");
}

}  // namespace

RequestSerializer::RequestSerializer(const CurrentRules& rules, const RequestSerializerOptions& options)
    : rules_(rules), forwarded_for_(options.forwarded_for), editor_(options.editor) {
  const TargetUrl& target = options.target;
  forwarding_.base_path = target.base_path;
  if (!options.original_host) forwarding_.host = target.host_field();
  if (target.credentials) authorization_ = target.credentials->basic_authorization();
  if (!options.marker_name.empty())
    constant_fields_ = fmt::format("{}: {}\r\n", options.marker_name, options.marker_value);
}

bool RequestSerializer::needs_draft(const CapturedRequest& request, const RuleSet& rules) const {
  const HttpMessage& message = request.message;
  return rules.has_edits() || (editor_ != nullptr && editor_->wants(request)) ||
         (forwarded_for_ && message.field(forwarded_for_name)) ||
         (!authorization_.empty() && message.field(authorization_name));
}

void RequestSerializer::edit(HeadDraft& draft, const CapturedRequest& request, const RuleSet& rules) const {
  if (rules.has_edits()) {
    rules.apply(draft, request);
  }
  if (editor_ != nullptr) editor_->edit(draft, request);
  if (forwarded_for_) append_forwarded_for(draft, request.client.address.to_string());
  if (!authorization_.empty() && draft.field(authorization_name)) draft.set_field(authorization_name, authorization_);
}

bool RequestSerializer::write(RequestPtr request, OutboundRequest& out) {
  const RuleSet& rules = rules_.rules();
  if (!needs_draft(*request, rules)) {
    const CapturedRequest& captured = *request;
    out.owner = std::move(request);
    return write_message(captured.message, captured, out);
  }
  HeadDraft draft(request->message);
  edit(draft, *request, rules);
  auto edited = std::make_shared<EditedRequest>(EditedRequest{request, draft.to_message()});
  const HttpMessage& message = edited->message;
  out.owner = std::move(edited);
  return write_message(message, *request, out);
}

bool RequestSerializer::write_message(const HttpMessage& message, const CapturedRequest& request,
                                      OutboundRequest& out) {
  CHECK(message.body().is_kept());  // needs() asked for it
  if (!is_forwardable(message)) return false;
  fields_ = constant_fields_;
  if (forwarded_for_ && !message.field(forwarded_for_name)) {
    fmt::format_to(std::back_inserter(fields_), "{}: {}\r\n", forwarded_for_name, request.client.address.to_string());
  }
  if (!authorization_.empty() && !message.field(authorization_name)) {
    fmt::format_to(std::back_inserter(fields_), "{}: {}\r\n", authorization_name, authorization_);
  }
  write_request_head(message, forwarding_, fields_, out.head);
  message.body().append_wire_slices(out.body);
  out.session = request.session;
  out.captured_at = request.last_byte;
  out.is_head = message.method() == "HEAD";
  out.asks_for_close = asks_for_close(message);
  return true;
}

}  // namespace understudy
