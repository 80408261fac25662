#include "traffic/recording/take_capture_view.hpp"

namespace understudy {

TakeExchange& TakeCaptureView::of(const Exchange& exchange) {
  const CapturedRequest& request = *exchange.request;
  exchange_.session = request.session;
  exchange_.index_in_session = request.index_in_session;
  exchange_.client = request.client;
  exchange_.server = request.server;
  exchange_.request = view(request.message, request.first_byte, request.last_byte, request_body_);
  exchange_.response.reset();
  exchange_.response_complete = false;
  if (!exchange.response || exchange.response->message.raw_head().empty()) return exchange_;
  const CapturedResponse& response = *exchange.response;
  exchange_.response = view(response.message, response.first_byte, response.last_byte, response_body_);
  exchange_.response_complete = response.complete;
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
