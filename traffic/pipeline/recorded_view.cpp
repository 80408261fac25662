#include "traffic/pipeline/recorded_view.hpp"

#include <utility>

namespace understudy {

const RecordedExchange& RecordedView::of(const Exchange& exchange, const Redactor& redactor) {
  replaced_.clear();
  const CapturedRequest& request = *exchange.request;
  view_.session = request.session;
  view_.client = request.client;
  view_.server = request.server;
  view_.request = view_message(request.message, request.first_byte, redactor, request_headers_, request_body_);
  view_.request.method = request.message.method();
  view_.request.target = request.message.target();
  if (auto target = redactor.target(view_.request.target)) view_.request.target = keep(std::move(*target));
  view_.response.reset();
  view_.complete = true;
  if (exchange.response) {
    const CapturedResponse& response = *exchange.response;
    view_.response = view_message(response.message, response.first_byte, redactor, response_headers_, response_body_);
    view_.response->status = response.message.status();
    view_.response->reason = response.message.reason();
    view_.complete = response.complete;
  }
  return view_;
}

RecordedMessage RecordedView::view_message(const HttpMessage& message, WallTime time, const Redactor& redactor,
                                           std::vector<HeaderView>& headers, std::vector<std::string_view>& body) {
  RecordedMessage view;
  view.version = message.version();
  view.time = time;
  headers.clear();
  for (const FieldLine& field : message.fields()) {
    HeaderView header{message.name(field), message.value(field)};
    if (auto value = redactor.field_value(header.name, header.value)) header.value = keep(std::move(*value));
    headers.push_back(header);
  }
  view.headers = headers;
  view.body_length = message.body().content_size();
  view.body_kept = message.body().is_kept();
  body.clear();
  if (!view.body_kept) return view;
  if (auto content = redactor.body(message)) {
    view.body_length = content->size();
    body.push_back(keep(std::move(*content)));
  } else {
    body = message.body().content_slices();
  }
  view.body = body;
  return view;
}

std::string_view RecordedView::keep(std::string text) { return replaced_.emplace_back(std::move(text)); }

}  // namespace understudy
