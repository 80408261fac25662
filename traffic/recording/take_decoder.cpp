#include "traffic/recording/take_decoder.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "traffic/recording/take_header.hpp"

namespace understudy {
namespace {

bool is_plausible(WallTime time) { return take_wall_time(time.time_since_epoch().count()) == time; }

bool has_plausible_times(const TakeExchange& exchange) {
  const auto both = [](const TakeMessage& message) {
    return is_plausible(message.first_byte) && is_plausible(message.last_byte);
  };
  return both(exchange.request) && (!exchange.response || both(*exchange.response));
}

}  // namespace

void TakeDecoder::decode(std::string_view payload, std::uint64_t offset, std::uint64_t session_base,
                         const TakeWindow& window, ExchangeOrder& order) {
  TakeCursor cursor(payload);
  while (const auto record = next_take_record(cursor)) {
    if (record->kind != TakeRecordKind::exchange) continue;
    ++rank_;
    if (!view_.read(record->content) || !has_plausible_times(view_.exchange())) {
      report_.note_damage({path_, offset, 0, "a record that is no exchange"});
      continue;
    }
    if (!window.has(view_.exchange().request.first_byte)) continue;
    auto exchange = make_exchange(view_.exchange(), session_base);
    if (exchange) {
      order.add(std::move(*exchange), rank_);
    } else {
      report_.note_damage({path_, offset, 0, fmt::format("a record with {}", exchange.error().message)});
    }
  }
  if (!cursor.ok()) report_.note_damage({path_, offset, 0, "a block whose records have no right lengths"});
}

Result<ExchangePtr> TakeDecoder::make_exchange(const TakeExchange& from, std::uint64_t session_base) {
  auto message = make_message(MessageKind::request, from.request, {});
  if (!message) return tl::unexpected(message.error());
  auto request = std::make_shared<CapturedRequest>();
  request->session = session_base + from.session;
  request->index_in_session = from.index_in_session;
  request->client = from.client;
  request->server = from.server;
  request->first_byte = from.request.first_byte;
  request->last_byte = from.request.last_byte;
  request->message = std::move(*message);

  auto exchange = std::make_shared<Exchange>();
  if (from.response) {
    auto response =
        make_message(MessageKind::response, *from.response, {answers_to(request->message), !from.response_complete});
    if (!response) return tl::unexpected(response.error());
    exchange->response.emplace(CapturedResponse{
        from.response->first_byte, from.response->last_byte, std::move(*response), from.response_complete, {}});
  }
  exchange->request = std::move(request);
  return ExchangePtr(std::move(exchange));
}

Result<HttpMessage> TakeDecoder::make_message(MessageKind kind, const TakeMessage& from,
                                              const WholeMessageOptions& options) {
  if (!from.body_kept) return parser_.parse_head_only(kind, from.head, from.wire_size, from.content_size, options);
  return parser_.parse(kind, from.head, from.body, options);
}

}  // namespace understudy
