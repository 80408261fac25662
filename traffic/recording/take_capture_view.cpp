#include "traffic/recording/take_capture_view.hpp"

namespace understudy {

void TakeCaptureView::begin(const CapturedRequest& request) {
  exchange_.session = request.session;
  exchange_.index_in_session = request.index_in_session;
  exchange_.client = request.client;
  exchange_.server = request.server;
  exchange_.request = view(request.message, request.first_byte, request.last_byte, request_body_);
}

TakeExchange& TakeCaptureView::of(const Exchange& exchange) {
  begin(*exchange.request);
  exchange_.response.reset();
  exchange_.response_complete = false;
  if (!exchange.response || exchange.response->message.raw_head().empty()) return exchange_;
  const CapturedResponse& response = *exchange.response;
  exchange_.response = view(response.message, response.first_byte, response.last_byte, response_body_);
  exchange_.response_complete = response.complete;
  return exchange_;
}

TakeExchange& TakeCaptureView::of(const CapturedRequest& request, const MessageInPlace& response) {
  begin(request);
  response_body_.assign(1, response.body);
  const std::uint64_t size = response.body.size();
  exchange_.response = {response.first_byte, response.last_byte, response.head.bytes, response_body_, size, size, true};
  exchange_.response_complete = true;
  return exchange_;
}

TakeMessage TakeCaptureView::view(const HttpMessage& message, WallTime first_byte, WallTime last_byte,
                                  std::vector<std::string_view>& body) {
  body.clear();
  const Body& from = message.body();
  from.append_wire_slices(body);
  return {first_byte, last_byte, message.raw_head(), body, from.wire_size(), from.content_size(), from.is_kept()};
}

}  // namespace understudy
