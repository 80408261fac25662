#include "traffic/middleware/middleware_sink.hpp"

#include <fmt/format.h>

#include <utility>

namespace understudy {
namespace {

// Whether `text` is the message's head and body.
bool is_same(const HttpMessage& message, std::string_view text) {
  if (!text.starts_with(message.raw_head())) return false;
  text.remove_prefix(message.raw_head().size());
  for (const std::string_view slice : message.body().wire_slices()) {
    if (!text.starts_with(slice)) return false;
    text.remove_prefix(slice.size());
  }
  return text.empty();
}

}  // namespace

std::string middleware_bytes(const HttpMessage& message) {
  std::string bytes;
  bytes.reserve(message.raw_head().size() + message.body().wire_size());
  bytes += message.raw_head();
  for (const std::string_view slice : message.body().wire_slices()) bytes += slice;
  return bytes;
}

std::string middleware_id(const CapturedRequest& request) {
  // 24 digits, as GoReplay has them; unique within a run of the agent.
  return fmt::format("{:016x}{:08x}", request.session, request.index_in_session);
}

RequestPtr with_middleware_bytes(const RequestPtr& request, std::string_view bytes, WholeMessageParser& parser) {
  if (is_same(request->message, bytes)) return request;
  auto message = parser.parse_text(MessageKind::request, bytes);
  if (!message) return nullptr;
  auto changed = std::make_shared<CapturedRequest>();
  changed->session = request->session;
  changed->index_in_session = request->index_in_session;
  changed->client = request->client;
  changed->server = request->server;
  changed->first_byte = request->first_byte;
  changed->last_byte = request->last_byte;
  changed->message = std::move(*message);
  return changed;
}

MiddlewareSink::MiddlewareSink(MiddlewareProcess& process, Sink& inner, const MiddlewareSinkOptions& options)
    : process_(process), inner_(inner), options_(options), inner_wants_exchanges_(inner.needs().exchanges) {
  for (unsigned i = 0; i <= options.lane; ++i) shards_.push_back(&ledger_.make_shard());
}

SinkNeeds MiddlewareSink::needs() const {
  SinkNeeds needs = inner_.needs();
  needs.request_bodies = true;
  needs.exchanges = needs.exchanges || options_.with_responses;
  needs.response_bodies = needs.response_bodies || options_.with_responses;
  return needs;
}

void MiddlewareSink::on_request(const RequestPtr& request, unsigned worker) {
  shards_[worker]->seen();
  MiddlewareMessage message;
  message.id = middleware_id(*request);
  message.start = request->first_byte;
  message.latency = request->last_byte - request->first_byte;
  message.bytes = middleware_bytes(request->message);
  message.done = [this, request](MiddlewareVerdict verdict, std::string_view bytes) {
    finish(request, verdict, bytes);
  };
  const bool taken =
      options_.lossless ? process_.submit_when_room(std::move(message)) : process_.submit(std::move(message));
  if (!taken) pass_unjudged(request, worker);
}

void MiddlewareSink::finish(const RequestPtr& request, MiddlewareVerdict verdict, std::string_view bytes) {
  if (verdict == MiddlewareVerdict::omitted) {
    shards_[options_.lane]->filtered(FilterReason::middleware);
    return;
  }
  const RequestPtr result =
      verdict == MiddlewareVerdict::returned ? with_middleware_bytes(request, bytes, parser_) : nullptr;
  if (result == nullptr) {
    pass_unjudged(request, options_.lane);
  } else {
    inner_.on_request(result, options_.lane);
  }
  inner_.on_batch_end(options_.lane);
}

void MiddlewareSink::pass_unjudged(const RequestPtr& request, unsigned lane) {
  if (options_.fail_open) return inner_.on_request(request, lane);
  shards_[lane]->lost(LossReason::middleware_failed);
}

void MiddlewareSink::on_exchange(OfferedExchange& exchange, unsigned worker) {
  if (options_.with_responses && exchange->response && exchange->response->message.body().is_kept()) {
    MiddlewareMessage message;
    message.id = middleware_id(*exchange->request);
    message.type = GorType::response;
    message.start = exchange->response->first_byte;
    message.latency = exchange->response->last_byte - exchange->response->first_byte;
    message.bytes = middleware_bytes(exchange->response->message);
    // A response that is refused is only one that the middleware does not see; the process counts it.
    static_cast<void>(process_.submit(std::move(message)));
  }
  if (inner_wants_exchanges_) inner_.on_exchange(exchange, worker);
}

LedgerTotals MiddlewareSink::with_totals(LedgerTotals inner) const {
  inner.seen = 0;  // all of them were offered here
  inner += ledger_.totals();
  return inner;
}

void MiddlewareSink::drain(MonotonicTime deadline) {
  process_.finish(deadline);
  // What the process still has reaches a sink that takes no more, and a callback that waits for room there is let go.
  inner_.drain(deadline);
  process_.drain(deadline);
}

}  // namespace understudy
