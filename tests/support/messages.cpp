#include "tests/support/messages.hpp"

#include <optional>
#include <string>
#include <utility>

#include "traffic/base/check.hpp"
#include "traffic/http/message_reader.hpp"

namespace understudy::test {
namespace {

constexpr WallTime first_byte{Nanoseconds(1'767'323'045'000'000'006)};  // 2026-01-02T03:04:05.000000006Z

class Collector final : public MessageHandler {
 public:
  explicit Collector(Retain retain) : retain_(retain) {}
  [[nodiscard]] HeadDecision on_head(MessageReader&, const ParsedHead&) override { return {.retain = retain_}; }
  [[nodiscard]] AfterMessage on_message(MessageReader&, HttpMessage&& message, MessageTimes) override {
    CHECK(!message_);
    message_ = std::move(message);
    return AfterMessage::next;
  }
  void on_lost(MessageReader&, LostMessage&&) override { CHECK(false && "a whole message"); }
  void on_other_protocol(MessageReader&, OtherProtocol) override { CHECK(false && "an HTTP message"); }

  [[nodiscard]] HttpMessage take() {
    CHECK(message_.has_value());
    return std::move(*message_);
  }

 private:
  const Retain retain_;
  std::optional<HttpMessage> message_;
};

HttpMessage read_message(MessageKind kind, std::string_view text, Retain retain = Retain::all) {
  HeadParser parser;
  MemoryBudget budget;
  Collector collector(retain);
  MessageReader reader(kind, parser, collector, budget);
  CHECK(reader.feed(text, first_byte) == text.size());
  reader.finish(true, first_byte);
  return collector.take();
}

}  // namespace

HttpMessage read_request(std::string_view text) { return read_message(MessageKind::request, text); }
HttpMessage read_response(std::string_view text) { return read_message(MessageKind::response, text); }
HttpMessage read_response_head(std::string_view text) {
  return read_message(MessageKind::response, text, Retain::head);
}

std::shared_ptr<CapturedRequest> capture_request(std::string_view text) {
  auto request = std::make_shared<CapturedRequest>();
  request->session = 7;
  request->client = {*IpAddress::parse("192.0.2.1"), 40000};
  request->server = {*IpAddress::parse("198.51.100.2"), 80};
  request->first_byte = first_byte;
  request->last_byte = first_byte;
  request->message = read_request(text);
  return request;
}

ExchangePtr make_exchange(RequestPtr request, std::string_view response_text) {
  auto exchange = std::make_shared<Exchange>();
  if (!response_text.empty()) {
    const WallTime time = request->last_byte + std::chrono::milliseconds(1);
    exchange->response = CapturedResponse{time, time, read_response(response_text), true};
  }
  exchange->request = std::move(request);
  return exchange;
}

std::shared_ptr<CapturedRequest> capture_get(std::string_view target, std::string_view field_lines) {
  return capture_request("GET " + std::string(target) + " HTTP/1.1\r\nHost: production\r\n" + std::string(field_lines) +
                         "\r\n");
}

std::shared_ptr<CapturedRequest> capture_post(std::string_view content_type, std::string_view body,
                                              std::string_view field_lines) {
  std::string text = "POST /submit HTTP/1.1\r\nHost: production\r\n";
  if (!content_type.empty()) text += "Content-Type: " + std::string(content_type) + "\r\n";
  text += std::string(field_lines) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
  return capture_request(text);
}

}  // namespace understudy::test
