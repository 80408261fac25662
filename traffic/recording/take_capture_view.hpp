// A captured exchange as it goes into a `.take` recording: borrowed views, nothing copied.
//
// Thread safety: one thread.
#pragma once

#include <string_view>
#include <vector>

#include "traffic/http/exchange.hpp"
#include "traffic/http/message_in_place.hpp"
#include "traffic/recording/take_record.hpp"

namespace understudy {

class TakeCaptureView {
 public:
  // Valid until the next call, and as long as the exchange lives. A response whose head was not retained is left out.
  // REQUIRES: the request's head was retained.
  [[nodiscard]] TakeExchange& of(const Exchange& exchange);
  // The same, as long as request and response live.
  [[nodiscard]] TakeExchange& of(const CapturedRequest& request, const MessageInPlace& response);

 private:
  void begin(const CapturedRequest& request);
  static TakeMessage view(const HttpMessage& message, WallTime first_byte, WallTime last_byte,
                          std::vector<std::string_view>& body);

  TakeExchange exchange_;
  std::vector<std::string_view> request_body_;
  std::vector<std::string_view> response_body_;
};

}  // namespace understudy
