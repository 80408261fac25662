#include "traffic/recording/jsonl_exchange_writer.hpp"

#include <utility>
#include <vector>

#include "traffic/recording/jsonl_writer.hpp"
#include "traffic/recording/packed_output.hpp"

namespace understudy {
namespace {

// Views of one message; `fields` and `body` hold what they point to.
RecordedMessage view_of(const HttpMessage& message, WallTime time, std::vector<HeaderView>& fields,
                        std::vector<std::string_view>& body) {
  fields.clear();
  for (const FieldLine& field : message.fields()) fields.push_back({message.name(field), message.value(field)});
  body = message.body().content_slices();
  RecordedMessage view;
  if (message.is_request()) {
    view.method = message.method();
    view.target = message.target();
  } else {
    view.status = message.status();
    view.reason = message.reason();
  }
  view.version = message.version();
  view.time = time;
  view.headers = fields;
  view.body_length = message.body().content_size();
  view.body_kept = message.body().is_kept();
  view.body = body;
  return view;
}

class JsonlExchangeWriter final : public ExchangeWriter {
 public:
  explicit JsonlExchangeWriter(std::unique_ptr<PackedOutput> output) : output_(std::move(output)), lines_("") {}

  [[nodiscard]] Result<void> write(const Exchange& exchange) override {
    const CapturedRequest& request = *exchange.request;
    RecordedExchange view;
    view.session = request.session;
    view.client = request.client;
    view.server = request.server;
    view.request = view_of(request.message, request.first_byte, request_fields_, request_body_);
    if (exchange.response) {
      view.response =
          view_of(exchange.response->message, exchange.response->first_byte, response_fields_, response_body_);
      view.complete = exchange.response->complete;
    }
    if (!lines_.write(view, *output_)) return output_->status();
    return {};
  }

  [[nodiscard]] Result<void> finish(const RecordingReport&) override { return output_->finish(); }

 private:
  const std::unique_ptr<PackedOutput> output_;
  JsonlWriter lines_;
  std::vector<HeaderView> request_fields_;
  std::vector<HeaderView> response_fields_;
  std::vector<std::string_view> request_body_;
  std::vector<std::string_view> response_body_;
};

}  // namespace

Result<std::unique_ptr<ExchangeWriter>> make_jsonl_writer(const std::string& path) {
  auto output = PackedOutput::create(path, false);
  if (!output) return tl::unexpected(output.error());
  return std::make_unique<JsonlExchangeWriter>(std::move(*output));
}

}  // namespace understudy
