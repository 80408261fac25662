// The server's direction of a flow: responses, which request they answer, and the exchanges that come of it.
#include <utility>

#include "agent/pairing/flow_pairing.hpp"

namespace understudy {
namespace {

// 101 is final for HTTP on its connection.
constexpr bool is_interim(int status) { return status < 200 && status != 101; }

}  // namespace

// The request that the next response answers. A hole is passed over when a request stands behind it: its client had all
// earlier responses before it sent that one.
PendingRequests::Number FlowPairing::next_unanswered() {
  PendingRequests::Number number = pending_.begin();
  while (number < pending_.end() && (pending_.at(number).is_hole || pending_.at(number).response_ended)) ++number;
  if (number == pending_.end()) return PendingRequests::none;
  for (PendingRequests::Number hole = pending_.begin(); hole < number; ++hole) pending_.at(hole).response_ended = true;
  return number;
}

HeadDecision FlowPairing::on_response_head(const ParsedHead& head) {
  HeadDecision decision;
  decision.retain = Retain::nothing;
  current_response_ = PendingRequests::none;
  if (!paired_) return decision;
  const PendingRequests::Number number = next_unanswered();
  if (number == PendingRequests::none) {
    decision.wait = !doubtful_;
    return decision;
  }
  PendingRequest& entry = pending_.at(number);
  current_response_ = number;
  decision.answers = entry.answers;
  if (is_interim(head.status)) return decision;
  entry.response_begun = true;
  const SinkNeeds& needs = worker_.options.needs;
  const bool is_wanted = needs.exchanges && (entry.request != nullptr || !entry.request_ended);
  if (is_wanted) decision.retain = needs.response_bodies ? Retain::all : Retain::head;
  // The common case: its exchange goes out at once, and outputs need no copy of it.
  decision.in_place = decision.retain == Retain::all && number == pending_.begin() && entry.request != nullptr &&
                      !entry.asks_for_upgrade && head.status != 101;
  return decision;
}

// REQUIRES: on_response_head() has decided so.
void FlowPairing::on_message_in_place(MessageReader& /*reader*/, const MessageInPlace& message) {
  worker_.statistics.responses.add();
  current_response_ = PendingRequests::none;
  PendingRequest& entry = pending_.front();
  {
    OfferedExchange offered(std::move(entry.request), message, worker_.parser, worker_.budget.pool());
    offer(offered);
  }
  worker_.budget.give_leased(entry.charge);
  pending_.pop_front();
  flush_finished();
}

AfterMessage FlowPairing::on_response(HttpMessage&& message, MessageTimes times) {
  if (!paired_) return AfterMessage::next;
  const int status = message.status();
  if (is_interim(status)) {
    worker_.statistics.responses_interim.add();
    return AfterMessage::next;
  }
  worker_.statistics.responses.add();
  const PendingRequests::Number number = std::exchange(current_response_, PendingRequests::none);
  bool is_connect = false;
  if (number == PendingRequests::none) {
    worker_.statistics.responses_unmatched.add();
  } else {
    is_connect = pending_.at(number).answers == Answers::connect;
    end_response(number, std::move(message), times, true);
  }
  if (status != 101 && !(is_connect && status < 300)) return AfterMessage::next;
  become_tunnel(is_connect);
  return AfterMessage::stop;
}

// The response to `number` has come to its end, or `complete` is false and it will not.
void FlowPairing::end_response(PendingRequests::Number number, HttpMessage&& message, MessageTimes times,
                               bool complete) {
  PendingRequest& entry = pending_.at(number);
  entry.response_ended = true;
  if (entry.asks_for_upgrade && entry.request_ended && awaiting_ == Awaiting::response) awaiting_ = Awaiting::nothing;
  const bool is_kept = !message.raw_head().empty();
  if (is_kept && number == pending_.begin() && entry.request_ended && entry.request != nullptr) {
    // Nothing is in front of it, so it goes out at once.
    Exchange exchange;
    exchange.request = std::move(entry.request);
    CapturedResponse& response = exchange.response.emplace();
    response.first_byte = times.first_byte;
    response.last_byte = times.last_byte;
    response.message = std::move(message);
    response.complete = complete;
    emit(exchange);
    worker_.budget.give_leased(entry.charge);
    pending_.pop_front();
  } else if (is_kept && (entry.request != nullptr || !entry.request_ended)) {
    const std::size_t memory = message.memory();
    auto lease = MemoryLease::take(worker_.budget.pool(), memory);
    if (lease && worker_.budget.try_take_leased(memory)) {
      entry.charge += memory;
      entry.response = std::make_unique<CapturedResponse>(
          CapturedResponse{times.first_byte, times.last_byte, std::move(message), complete, std::move(*lease)});
    } else {
      worker_.statistics.requests_over_memory.add();
    }
  }
  flush_finished();
}

void FlowPairing::on_response_lost(LostMessage&& lost) {
  if (!paired_) return;
  if (!lost.told_before) {
    if (lost.reason == MessageLoss::malformed) worker_.statistics.responses_malformed.add();
    if (lost.head_complete) {
      worker_.statistics.responses_incomplete.add();
      const PendingRequests::Number number = std::exchange(current_response_, PendingRequests::none);
      if (number == PendingRequests::none)
        worker_.statistics.responses_unmatched.add();
      else
        end_response(number, std::move(lost.message), lost.times, false);
    }
  }
  if (!lost.framing_lost || lost.reason == MessageLoss::ended) return;
  if (lost.reason == MessageLoss::gap || lost.reason == MessageLoss::truncated) worker_.statistics.response_gaps.add();
  response_framing_lost(lost.head_complete);
}

// Where the next response begins is unknown, and so is how many were lost.
void FlowPairing::response_framing_lost(bool hit_a_response) {
  doubtful_ = true;
  if (pipelined_ && !pending_.empty()) return give_up_pairing();
  if (!hit_a_response) {
    const PendingRequests::Number number = next_unanswered();
    if (number == PendingRequests::none) return;
    PendingRequest& entry = pending_.at(number);
    entry.response_ended = true;
    if (entry.asks_for_upgrade && entry.request_ended && awaiting_ == Awaiting::response) awaiting_ = Awaiting::bytes;
    flush_finished();
  }
}

// HTTP has ended on this connection. Called with the request reader at rest.
void FlowPairing::become_tunnel(bool is_connect) {
  is_other_ = true;
  awaiting_ = Awaiting::nothing;
  if (is_connect)
    worker_.statistics.tunnels_connect.add();
  else
    worker_.statistics.tunnels_upgraded.add();
  if (!pending_.empty() && !pending_.back().request_ended) {
    pending_.back().request_ended = true;
    count_lost_request(LossReason::closed_early);
  }
  requests_.stop();
  drop_held(Direction::to_server);
  flush_finished();
}

void FlowPairing::flush_finished() {
  while (!pending_.empty() && pending_.front().finished()) {
    PendingRequest& entry = pending_.front();
    if (entry.request != nullptr) emit(std::move(entry.request), entry.response.get());
    worker_.budget.give_leased(entry.charge);
    pending_.pop_front();
  }
}

// Moves from the response, if there is one.
void FlowPairing::emit(RequestPtr request, CapturedResponse* response) {
  Exchange exchange;
  exchange.request = std::move(request);
  if (response != nullptr) exchange.response.emplace(std::move(*response));
  emit(exchange);
}

void FlowPairing::emit(Exchange& exchange) {
  if (!exchange.response) worker_.statistics.exchanges_without_response.add();
  OfferedExchange offered(exchange, worker_.parser, worker_.budget.pool());
  offer(offered);
}

void FlowPairing::offer(OfferedExchange& exchange) {
  worker_.handler.on_exchange(exchange);
  if (exchange.has_dropped_response()) worker_.statistics.requests_over_memory.add();
}

}  // namespace understudy
