// Runs a MessageReader over pieces of bytes and writes down what it tells, one line an event, so that two runs can be
// compared as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "traffic/http/message_reader.hpp"

namespace understudy {

// What a handler was told, in words.
//   request GET /x 1.1 fields=2 body=none "content"
//   lost gap head framing
//   other tls
class RecordingMessageHandler final : public MessageHandler {
 public:
  Retain retain = Retain::all;
  std::vector<Answers> answers;  // for each final response in turn; ordinary beyond the end
  std::vector<std::string> events;
  std::vector<HttpMessage> messages;
  std::vector<std::size_t> in_place;  // indexes of messages that were told in place
  HeadParser* parser = nullptr;       // given: messages may be told in place
  bool pause_after_each = false;
  bool wait_at_next_head = false;

  [[nodiscard]] HeadDecision on_head(MessageReader&, const ParsedHead& head) override {
    HeadDecision decision;
    decision.retain = retain;
    decision.in_place = parser != nullptr;
    if (wait_at_next_head) {
      wait_at_next_head = false;
      decision.wait = true;
      return decision;
    }
    if (head.status >= 200 || head.status == 101) {
      if (next_answer_ < answers.size()) decision.answers = answers[next_answer_];
      ++next_answer_;
    }
    return decision;
  }

  [[nodiscard]] AfterMessage on_message(MessageReader&, HttpMessage&& message, MessageTimes) override {
    events.push_back(describe(message));
    messages.push_back(std::move(message));
    return pause_after_each ? AfterMessage::pause : AfterMessage::next;
  }

  void on_message_in_place(MessageReader& reader, const MessageInPlace& told) override {
    in_place.push_back(messages.size());
    HttpMessage message;
    parser->copy_to(message, told.framing, told.body);
    static_cast<void>(on_message(reader, std::move(message), {told.first_byte, told.last_byte}));
  }

  void on_lost(MessageReader&, LostMessage&& lost) override {
    std::string event = std::string("lost ") + loss_name(lost.reason);
    if (lost.reason == MessageLoss::malformed) event += ' ' + std::string(to_string(lost.malformation));
    if (lost.head_complete) event += " head";
    if (lost.framing_lost) event += " framing";
    if (lost.told_before) event += " again";
    events.push_back(std::move(event));
  }

  void on_other_protocol(MessageReader&, OtherProtocol protocol) override {
    events.push_back(protocol == OtherProtocol::http2 ? "other http2"
                     : protocol == OtherProtocol::tls ? "other tls"
                                                      : "other unknown");
  }

  [[nodiscard]] static std::string describe(const HttpMessage& message) {
    std::string text = message.is_request()
                           ? "request " + std::string(message.method()) + ' ' + std::string(message.target())
                           : "response " + std::to_string(message.status()) + ' ' + std::string(message.reason());
    text += ' ' + std::to_string(message.version().major) + '.' + std::to_string(message.version().minor);
    for (const FieldLine& field : message.fields())
      text += " [" + std::string(message.name(field)) + "=" + std::string(message.value(field)) + "]";
    const char* framing[] = {"none", "length", "chunked", "close"};
    text += std::string(" ") + framing[static_cast<std::size_t>(message.framing())];
    text += ' ' + std::to_string(message.body().wire_size()) + '/' + std::to_string(message.body().content_size());
    if (message.body().is_kept()) text += " \"" + message.body().content() + "\"";
    return text;
  }

 private:
  static const char* loss_name(MessageLoss loss) {
    switch (loss) {
      case MessageLoss::gap: return "gap";
      case MessageLoss::truncated: return "truncated";
      case MessageLoss::malformed: return "malformed";
      case MessageLoss::head_too_large: return "head_too_large";
      case MessageLoss::body_too_large: return "body_too_large";
      case MessageLoss::memory: return "memory";
      case MessageLoss::ended: return "ended";
    }
    return "?";
  }

  std::size_t next_answer_ = 0;
};

// A reader with all that it needs.
struct ReaderHarness {
  explicit ReaderHarness(MessageKind kind, const FramingPolicy& policy = {}, const FramingLimits& limits = {},
                         std::size_t memory = std::size_t{1} << 30, bool at_boundary = true)
      : parser(policy, limits), budget(memory), reader(kind, parser, handler, budget, at_boundary) {}

  // Feeds and expects all to be taken.
  void feed(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t taken = reader.feed(bytes, WallTime{});
      bytes.remove_prefix(taken);
      while (reader.paused()) reader.resume(WallTime{});
    }
  }
  void gap(std::uint64_t length) { reader.gap(length, false, WallTime{}); }
  void finish(bool orderly = true) { reader.finish(orderly, WallTime{}); }

  HeadParser parser;
  MemoryBudget budget;
  RecordingMessageHandler handler;
  MessageReader reader;
};

}  // namespace understudy
