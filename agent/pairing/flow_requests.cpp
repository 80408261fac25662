// The client's direction of a flow: requests, and how their loss is counted.
#include <utility>

#include "agent/pairing/flow_pairing.hpp"

namespace understudy {

HeadDecision FlowPairing::on_request_head(const ParsedHead& head) {
  const std::string_view method = head.text(head.method);
  const bool is_connect = method == "CONNECT";
  last_asks_for_upgrade_ = is_connect || head.has_upgrade;
  HeadDecision decision;
  decision.retain = worker_.options.needs.request_bodies ? Retain::all : Retain::head;

  if (paired_ && pending_.size() >= worker_.options.unpaired_max) give_up_pairing();
  if (!paired_) return decision;
  if (!pending_.empty()) {
    const PendingRequest& before = pending_.back();
    if (!before.is_hole && !before.response_begun && !before.response_ended) pipelined_ = true;
  }
  PendingRequest entry;
  entry.answers = is_connect ? Answers::connect : method == "HEAD" ? Answers::head : Answers::ordinary;
  entry.asks_for_upgrade = last_asks_for_upgrade_;
  pending_.push(std::move(entry));
  return decision;
}

AfterMessage FlowPairing::on_request(HttpMessage&& message, MessageTimes times) {
  auto request = std::make_shared<CapturedRequest>();
  auto lease = MemoryLease::take(worker_.budget.pool(), sizeof(CapturedRequest) + message.memory());
  if (!lease) return on_request_without_memory();
  worker_.ledger.seen();
  worker_.statistics.requests.add();
  request->lease = std::move(*lease);
  request->session = session_;
  request->index_in_session = next_index_++;
  request->client = client_;
  request->server = server_;
  request->first_byte = times.first_byte;
  request->last_byte = times.last_byte;
  request->message = std::move(message);
  const RequestPtr published = std::move(request);
  const bool is_wanted = worker_.handler.on_request(published) && worker_.options.needs.exchanges;

  bool must_await = last_asks_for_upgrade_;
  if (paired_) {
    PendingRequest& entry = pending_.back();
    entry.request_ended = true;
    must_await = must_await && !entry.response_ended;
    if (is_wanted) {
      expect_exchange(entry, published);
    } else {
      worker_.budget.give_leased(std::exchange(entry.charge, 0));
      entry.response.reset();
    }
    if (entry.response_ended) flush_finished();
  } else if (is_wanted) {
    emit(published, nullptr);
  }
  return must_await ? await_response() : AfterMessage::next;
}

// A whole request that outputs hold too much memory for: lost, with its place among the responses kept.
AfterMessage FlowPairing::on_request_without_memory() {
  count_lost_request(LossReason::memory);
  bool must_await = last_asks_for_upgrade_;
  if (paired_) {
    PendingRequest& entry = pending_.back();
    entry.request_ended = true;
    must_await = must_await && !entry.response_ended;
    worker_.budget.give_leased(std::exchange(entry.charge, 0));
    entry.response.reset();
    if (entry.response_ended) flush_finished();
  }
  return must_await ? await_response() : AfterMessage::next;
}

AfterMessage FlowPairing::await_response() {
  awaiting_ = paired_ && !side_of(Direction::to_client).finished ? Awaiting::response : Awaiting::bytes;
  return AfterMessage::pause;
}

// Keeps the request for its exchange, within the memory limit; else its exchange goes out now.
void FlowPairing::expect_exchange(PendingRequest& entry, const RequestPtr& request) {
  const std::size_t memory = request->lease.bytes();
  if (worker_.budget.try_take_leased(memory)) {
    entry.charge += memory;
    entry.request = request;
    return;
  }
  worker_.statistics.requests_over_memory.add();
  worker_.budget.give_leased(std::exchange(entry.charge, 0));
  entry.response.reset();
  emit(request, nullptr);
}

void FlowPairing::on_request_lost(const LostMessage& lost) {
  if (!lost.told_before) {
    if (lost.reason == MessageLoss::malformed)
      worker_.statistics.malformed[static_cast<std::size_t>(lost.malformation)].add();
    count_lost_request(reason_of(lost.reason));
    if (lost.head_complete && paired_) {
      PendingRequest& entry = pending_.back();
      entry.request_ended = true;
      worker_.budget.give_leased(std::exchange(entry.charge, 0));
      entry.response.reset();
      if (entry.response_ended) flush_finished();
    }
  }
  if (!lost.framing_lost || lost.reason == MessageLoss::ended) return;
  if (lost.reason == MessageLoss::gap || lost.reason == MessageLoss::truncated) worker_.statistics.request_gaps.add();
  note_swallowed_requests();
}

void FlowPairing::count_lost_request(LossReason reason) {
  worker_.ledger.seen();
  worker_.ledger.lost(reason);
  ++next_index_;
}

LossReason FlowPairing::reason_of(MessageLoss loss) const {
  switch (loss) {
    case MessageLoss::gap: return LossReason::gap;
    case MessageLoss::truncated: return LossReason::truncated;
    case MessageLoss::malformed: return LossReason::malformed;
    case MessageLoss::head_too_large: return LossReason::head_too_large;
    case MessageLoss::body_too_large: return LossReason::body_too_large;
    case MessageLoss::memory: return LossReason::memory;
    case MessageLoss::ended: break;
  }
  return end_reason_;
}

// Requests that nobody can count will be answered. A client that waits for each response before its next request gets
// theirs before that one is sent; behind one that does not, responses can no longer be told apart.
void FlowPairing::note_swallowed_requests() {
  doubtful_ = true;
  if (!paired_) return;
  if (pipelined_) return give_up_pairing();
  if (!pending_.empty() && pending_.back().is_hole) return;
  PendingRequest hole;
  hole.is_hole = true;
  hole.request_ended = true;
  pending_.push(std::move(hole));
}

// The exchanges of this flow go out without responses from here on. The response reader is stopped by pump().
void FlowPairing::give_up_pairing() {
  worker_.statistics.pairing_abandoned.add();
  paired_ = false;
  if (awaiting_ == Awaiting::response) awaiting_ = Awaiting::bytes;
  for (PendingRequests::Number number = pending_.begin(); number < pending_.end(); ++number) {
    pending_.at(number).request_ended = true;
    pending_.at(number).response_ended = true;
  }
  flush_finished();
}

}  // namespace understudy
