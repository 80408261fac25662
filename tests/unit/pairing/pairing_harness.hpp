// One flow told to an ExchangeBuilder, and what came of it as text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/pairing/exchange_builder.hpp"

namespace understudy {

// "GET /a" for a request; "GET /a 200 body" for an exchange, "GET /a -" without response, and " cut" behind a response
// that is not complete.
class RecordingRequestHandler final : public RequestHandler {
 public:
  bool wants_exchange = true;
  std::vector<std::string> requests;
  std::vector<std::string> exchanges;
  std::vector<RequestPtr> kept;
  std::size_t in_place = 0;  // exchanges that came so, before they were looked at
  bool shares = false;       // keeps exchanges as well
  std::vector<ExchangePtr> shared;

  [[nodiscard]] bool on_request(const RequestPtr& request) override {
    requests.push_back(name(*request));
    kept.push_back(request);
    return wants_exchange;
  }
  void on_exchange(OfferedExchange& exchange) override {
    if (exchange.response_in_place() != nullptr) ++in_place;
    std::string text = name(*exchange->request);
    if (!exchange->response) {
      text += " -";
    } else {
      text += ' ' + std::to_string(exchange->response->message.status());
      const std::string content = exchange->response->message.body().content();
      if (!content.empty()) text += ' ' + content;
      if (!exchange->response->complete) text += " cut";
    }
    exchanges.push_back(std::move(text));
    if (shares) shared.push_back(exchange.share());
  }

 private:
  static std::string name(const CapturedRequest& request) {
    return std::string(request.message.method()) + ' ' + std::string(request.message.target());
  }
};

class PairingHarness {
 public:
  static PairingOptions recording() {
    PairingOptions options;
    options.needs = {.request_bodies = true, .exchanges = true, .response_bodies = true};
    return options;
  }

  explicit PairingHarness(const PairingOptions& options = recording(), bool saw_start = true)
      : shard(ledger.make_shard()), builder(options, handler, shard) {
    begin(saw_start);
  }
  ~PairingHarness() {
    if (state != nullptr) end();
  }
  PairingHarness(const PairingHarness&) = delete;
  PairingHarness& operator=(const PairingHarness&) = delete;

  void begin(bool saw_start = true) {
    FlowInfo info;
    info.id = ++flows;
    info.saw_start = saw_start;
    state = builder.on_flow_begin(info);
    offsets[0] = offsets[1] = 0;
  }
  PairingHarness& client(std::string_view bytes) { return data(Direction::to_server, bytes); }
  PairingHarness& server(std::string_view bytes) { return data(Direction::to_client, bytes); }
  PairingHarness& client_gap(std::uint64_t length, GapCause cause = GapCause::missing) {
    return gap(Direction::to_server, length, cause);
  }
  PairingHarness& server_gap(std::uint64_t length) { return gap(Direction::to_client, length, GapCause::missing); }
  PairingHarness& client_end(StreamEnd how = StreamEnd::fin) {
    builder.on_end(state.get(), Direction::to_server, how, now());
    return *this;
  }
  PairingHarness& server_end(StreamEnd how = StreamEnd::fin) {
    builder.on_end(state.get(), Direction::to_client, how, now());
    return *this;
  }
  PairingHarness& end(FlowEnd how = FlowEnd::closed) {
    builder.on_flow_end(state.get(), how, now());
    state.reset();
    return *this;
  }

  // A request without body, and a response with one, in one segment.
  PairingHarness& get(std::string_view target) {
    return client("GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  PairingHarness& ok(std::string_view body) {
    return server("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
  }

  [[nodiscard]] const PairingStatistics& statistics() const { return builder.statistics(); }
  [[nodiscard]] std::uint64_t seen() const { return shard.totals().seen; }
  [[nodiscard]] std::uint64_t lost(LossReason reason) const {
    return shard.totals().lost[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] std::uint64_t lost() const { return shard.totals().lost_total(); }
  // The ledger's promise on the capture's side.
  [[nodiscard]] bool adds_up() const { return seen() == handler.requests.size() + lost(); }

  Ledger ledger;
  LedgerShard& shard;
  RecordingRequestHandler handler;
  ExchangeBuilder builder;
  std::unique_ptr<FlowState> state;

 private:
  PairingHarness& data(Direction direction, std::string_view bytes) {
    std::uint64_t& offset = offsets[static_cast<std::size_t>(direction)];
    builder.on_data(state.get(), direction, offset, as_bytes(bytes), now());
    offset += bytes.size();
    return *this;
  }
  PairingHarness& gap(Direction direction, std::uint64_t length, GapCause cause) {
    std::uint64_t& offset = offsets[static_cast<std::size_t>(direction)];
    builder.on_gap(state.get(), direction, offset, length, cause, now());
    offset += length;
    return *this;
  }
  WallTime now() { return WallTime{} + std::chrono::milliseconds(++ticks); }

  std::uint64_t flows = 0;
  std::uint64_t offsets[2] = {0, 0};
  std::int64_t ticks = 0;
};

}  // namespace understudy
