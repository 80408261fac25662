// Carried values from bytes: pairs of responses are learnt from, and the requests behind them are edited.
#include <string>
#include <utility>
#include <vector>

#include "replay/carry/carry_book.hpp"
#include "tests/fuzz/input.hpp"
#include "traffic/base/check.hpp"
#include "traffic/http/message_reader.hpp"

namespace {

using namespace understudy;

class Collector final : public MessageHandler {
 public:
  [[nodiscard]] HeadDecision on_head(MessageReader&, const ParsedHead&) override { return {}; }
  [[nodiscard]] AfterMessage on_message(MessageReader&, HttpMessage&& message, MessageTimes) override {
    messages.push_back(std::move(message));
    return AfterMessage::next;
  }
  void on_lost(MessageReader&, LostMessage&&) override {}
  void on_other_protocol(MessageReader&, OtherProtocol) override {}

  std::vector<HttpMessage> messages;
};

std::vector<HttpMessage> read(MessageKind kind, std::string_view text) {
  HeadParser parser;
  MemoryBudget budget;
  Collector collector;
  MessageReader reader(kind, parser, collector, budget);
  static_cast<void>(reader.feed(text, WallTime{}));
  reader.finish(true, WallTime{});
  return std::move(collector.messages);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::string> rules{"json:/t -> header:A",       "json:/t -> json:/a/*",
                                              "json:/t -> path scope=all", "header:H -> param:p",
                                              "json:/t -> header:T=B {}",  "cookies"};
  CarryLimits limits;
  limits.values_per_session_max = 4;
  limits.memory_max = 16384;
  CarryBook book(CarryRules::compile(rules).value(), limits);
  // 0xff stands between the responses and the requests: neither is likely to hold it.
  const std::string_view text = FuzzInput(data, size).bytes(size);
  const std::size_t middle = text.find('\xff');
  const std::vector<HttpMessage> responses = read(MessageKind::response, text.substr(0, middle));
  for (std::size_t i = 0; i + 1 < responses.size(); i += 2) book.learn(i % 3, &responses[i], &responses[i + 1]);
  if (middle == std::string_view::npos) return 0;
  for (const HttpMessage& request : read(MessageKind::request, text.substr(middle + 1))) {
    HeadDraft draft(request);
    const bool changed = book.edit(0, request, draft);
    CHECK(changed == draft.edited());
    const HttpMessage edited = draft.to_message();
    CHECK(edited.framing() != BodyFraming::content_length || edited.body().content_size() == edited.body().wire_size());
  }
  return 0;
}
