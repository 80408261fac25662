// One flow: two message readers, and the requests between them whose response is outstanding.
//
// Internal to agent/pairing; ExchangeBuilder's header tells what is promised.
//
// The readers never run within each other's calls. What one direction decides for the other is noted, and pump() acts
// on it when both readers have returned.
#pragma once

#include <memory>
#include <optional>

#include "agent/pairing/exchange_builder.hpp"
#include "agent/pairing/held_bytes.hpp"
#include "agent/pairing/pending_requests.hpp"
#include "traffic/http/message_reader.hpp"

namespace understudy {

// What all flows of one builder share.
struct PairingWorker {
  PairingWorker(const PairingOptions& pairing_options, RequestHandler& request_handler, LedgerShard& shard)
      : options(pairing_options),
        parser(pairing_options.policy, pairing_options.limits),
        budget(pairing_options.memory_max, pairing_options.pool),
        handler(request_handler),
        ledger(shard) {}

  PairingOptions options;
  HeadParser parser;
  MemoryBudget budget;
  RequestHandler& handler;
  LedgerShard& ledger;
  PairingStatistics statistics;
};

class FlowPairing final : public FlowState, public MessageHandler {
 public:
  FlowPairing(PairingWorker& worker, const FlowInfo& flow);
  ~FlowPairing() override;
  FlowPairing(const FlowPairing&) = delete;
  FlowPairing& operator=(const FlowPairing&) = delete;

  void on_data(Direction direction, std::string_view bytes, WallTime time);
  void on_gap(Direction direction, std::uint64_t length, GapCause cause, WallTime time);
  void on_end(Direction direction, StreamEnd end, WallTime time);
  void on_flow_end(FlowEnd end, WallTime time);

  [[nodiscard]] HeadDecision on_head(MessageReader& reader, const ParsedHead& head) override;
  [[nodiscard]] AfterMessage on_message(MessageReader& reader, HttpMessage&& message, MessageTimes times) override;
  void on_message_in_place(MessageReader& reader, const MessageInPlace& message) override;
  void on_lost(MessageReader& reader, LostMessage&& lost) override;
  void on_other_protocol(MessageReader& reader, OtherProtocol protocol) override;

 private:
  // What the client's bytes behind a CONNECT or a request with Upgrade wait for.
  enum class Awaiting : std::uint8_t {
    nothing,
    response,
    bytes,  // the response cannot be known any more: the bytes themselves decide
  };
  // What waits for one direction.
  struct Side {
    std::unique_ptr<HeldBytes> held;
    bool ended = false;    // its end was told
    bool orderly = false;  // by FIN
    bool finished = false;
  };

  // requests (flow_requests.cpp)
  [[nodiscard]] HeadDecision on_request_head(const ParsedHead& head);
  [[nodiscard]] AfterMessage on_request(HttpMessage&& message, MessageTimes times);
  void on_request_lost(const LostMessage& lost);
  void count_lost_request(LossReason reason);
  [[nodiscard]] LossReason reason_of(MessageLoss loss) const;
  [[nodiscard]] AfterMessage on_request_without_memory();
  [[nodiscard]] AfterMessage await_response();
  void expect_exchange(PendingRequest& entry, const RequestPtr& request);
  void note_swallowed_requests();
  void give_up_pairing();

  // responses (flow_responses.cpp)
  [[nodiscard]] HeadDecision on_response_head(const ParsedHead& head);
  [[nodiscard]] AfterMessage on_response(HttpMessage&& message, MessageTimes times);
  void on_response_lost(LostMessage&& lost);
  void response_framing_lost(bool hit_a_response);
  void end_response(PendingRequests::Number number, HttpMessage&& message, MessageTimes times, bool complete);
  [[nodiscard]] PendingRequests::Number next_unanswered();
  void become_tunnel(bool is_connect);
  void flush_finished();
  void emit(RequestPtr request, CapturedResponse* response);
  void emit(Exchange& exchange);
  void offer(OfferedExchange& exchange);

  // directions (flow_pairing.cpp)
  [[nodiscard]] MessageReader& reader_of(Direction direction) {
    return direction == Direction::to_server ? requests_ : responses_;
  }
  [[nodiscard]] Side& side_of(Direction direction) { return sides_[static_cast<std::size_t>(direction)]; }
  [[nodiscard]] bool must_wait(Direction direction) {
    return side_of(direction).held != nullptr || reader_of(direction).paused();
  }
  [[nodiscard]] HeldBytes& held_of(Direction direction);
  void hold_data(Direction direction, std::string_view bytes, WallTime time);
  [[nodiscard]] bool make_room(Direction direction, std::size_t size, std::string_view bytes, WallTime time);
  void drop_held(Direction direction);
  void deliver_held(Direction direction, WallTime time);
  void decide_by(std::string_view bytes);
  void pump(WallTime time);
  void finish_if_ended(Direction direction, WallTime time);

  PairingWorker& worker_;
  MessageReader requests_;
  MessageReader responses_;
  PendingRequests pending_;
  PendingRequests::Number current_response_ = PendingRequests::none;  // what the response in progress answers
  Side sides_[2];
  SessionId session_;
  Endpoint client_;
  Endpoint server_;
  std::uint32_t next_index_ = 0;
  LossReason end_reason_ = LossReason::closed_early;
  Awaiting awaiting_ = Awaiting::nothing;
  bool last_asks_for_upgrade_ = false;  // the request in progress, or the last one
  bool doubtful_;           // bytes of the flow were missed: a response without a request is not held for one
  bool pipelined_ = false;  // a request came while an earlier one had no response yet
  bool paired_ = true;      // responses are matched
  bool is_other_ = false;   // no HTTP/1.x any more: a tunnel, HTTP/2 or TLS
};

}  // namespace understudy
