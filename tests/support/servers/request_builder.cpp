#include "tests/support/servers/request_builder.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include "traffic/http/message_reader.hpp"

namespace understudy {
namespace {

class OneMessage final : public MessageHandler {
 public:
  HeadDecision on_head(MessageReader& /*reader*/, const ParsedHead& /*head*/) override { return {}; }
  AfterMessage on_message(MessageReader& /*reader*/, HttpMessage&& message, MessageTimes /*times*/) override {
    result = std::move(message);
    ++count;
    return AfterMessage::next;
  }
  void on_lost(MessageReader& /*reader*/, LostMessage&& /*lost*/) override {}
  void on_other_protocol(MessageReader& /*reader*/, OtherProtocol /*protocol*/) override {}

  HttpMessage result;
  int count = 0;
};

}  // namespace

RequestPtr captured_request(std::string_view bytes, SessionId session, WallTime last_byte) {
  HeadParser parser;
  MemoryBudget budget;
  OneMessage handler;
  MessageReader reader(MessageKind::request, parser, handler, budget);
  if (reader.feed(bytes, last_byte) != bytes.size() || handler.count != 1) {
    throw std::runtime_error("not one whole request: " + std::string(bytes));
  }
  auto request = std::make_shared<CapturedRequest>();
  request->session = session;
  request->client = {*IpAddress::parse("192.0.2.7"), 40000};
  request->server = {*IpAddress::parse("198.51.100.1"), 80};
  request->first_byte = last_byte;
  request->last_byte = last_byte;
  request->message = std::move(handler.result);
  return request;
}

RequestPtr captured_get(std::string_view path, SessionId session) {
  return captured_request("GET " + std::string(path) + " HTTP/1.1\r\nHost: production.example\r\n\r\n", session);
}

}  // namespace understudy
