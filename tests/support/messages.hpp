// Messages for tests, read from their wire text by the real reader.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "traffic/http/offered_exchange.hpp"

namespace understudy::test {

// One whole message. CHECKs that the text is exactly one.
[[nodiscard]] HttpMessage read_request(std::string_view text);
[[nodiscard]] HttpMessage read_response(std::string_view text);
// The same, but its body is only counted, not kept.
[[nodiscard]] HttpMessage read_response_head(std::string_view text);

// A captured request from 192.0.2.1:40000 to 198.51.100.2:80 in session 7, at 2026-01-02T03:04:05.000000006Z. Free to
// be changed until it is published.
[[nodiscard]] std::shared_ptr<CapturedRequest> capture_request(std::string_view text);

// The exchange of a request and, unless empty, its response one millisecond later.
[[nodiscard]] ExchangePtr make_exchange(RequestPtr request, std::string_view response_text);

// A GET of a target with further field lines, each with its CRLF.
[[nodiscard]] std::shared_ptr<CapturedRequest> capture_get(std::string_view target, std::string_view field_lines = "");

// A POST with a body of declared length.
[[nodiscard]] std::shared_ptr<CapturedRequest> capture_post(std::string_view content_type, std::string_view body,
                                                            std::string_view field_lines = "");

// As a capture worker does, with an exchange that is shared already.
template <typename Sink>
void offer(Sink& sink, ExchangePtr exchange, unsigned worker) {
  OfferedExchange offered(std::move(exchange));
  sink.on_exchange(offered, worker);
}

}  // namespace understudy::test
