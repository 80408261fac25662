// Rules and recording on requests from bytes: judged, edited, redacted and written as a line of JSON.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "traffic/base/bytes.hpp"
#include "traffic/base/check.hpp"
#include "traffic/http/head_draft.hpp"
#include "traffic/http/message_reader.hpp"
#include "traffic/pipeline/recorded_view.hpp"
#include "traffic/rules/rule_chain.hpp"

namespace {

using namespace understudy;

std::shared_ptr<const RuleSet> make_rules() {
  RuleOptions options;
  options.deny = {"path=~^/(a+)+$ and param:q=~x", "header:H=v and !cookie:c", "url=/u",
                  "method!=GET,POST and client=::/0"};
  options.allow = {"path=~.", "param:p=1"};
  options.sample = {"90% by param:p", "90% by cookie:c else keep"};
  options.limit = "1000/s";
  options.rewrite_url = {R"(^/(\w+)/(.*) => /\2/\1)", "s#%2f#/#g"};
  options.remove_param = {"q"};
  options.set_param = {"s=a b"};
  options.rewrite_header = {R"(H: (.*) => \1\1)"};
  options.set_header = {"X: y"};
  options.redact = {"header:R", "param:p", "json:k", "json:/a/*"};
  return compile_rules(options).value();
}

// Counts line ends of the one line that is written.
class LineSink final : public ByteSink {
 public:
  [[nodiscard]] bool append(std::string_view bytes) override {
    ends += std::count(bytes.begin(), bytes.end(), '\n');
    last = bytes.back();
    return true;
  }
  std::ptrdiff_t ends = 0;
  char last = 0;
};

class RequestHandler final : public MessageHandler {
 public:
  [[nodiscard]] HeadDecision on_head(MessageReader&, const ParsedHead&) override { return {}; }
  [[nodiscard]] AfterMessage on_message(MessageReader&, HttpMessage&& message, MessageTimes) override {
    auto request = std::make_shared<CapturedRequest>();
    request->message = std::move(message);
    static const std::shared_ptr<const RuleSet> rules = make_rules();
    static RandomSource random(1);
    static_cast<void>(rules->admit(*request, random));
    HeadDraft draft(request->message);
    rules->apply(draft, *request);
    const HttpMessage edited = draft.to_message();
    CHECK(edited.raw_head().ends_with("\r\n\r\n") || edited.raw_head().ends_with("\n"));
    Exchange exchange;
    exchange.request = request;
    LineSink sink;
    RecordedView view;
    CHECK(JsonlWriter("").write(view.of(exchange, rules->recording_redactor()), sink));
    CHECK(sink.ends == 1 && sink.last == '\n');
    return AfterMessage::next;
  }
  void on_lost(MessageReader&, LostMessage&&) override {}
  void on_other_protocol(MessageReader&, OtherProtocol) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  HeadParser parser;
  MemoryBudget budget;
  RequestHandler handler;
  MessageReader reader(MessageKind::request, parser, handler, budget);
  static_cast<void>(reader.feed(as_text(ByteView(data, size)), WallTime()));
  reader.finish(true, WallTime());
  return 0;
}
