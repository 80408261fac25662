#include "agent/pairing/flow_pairing.hpp"

#include <utility>

namespace understudy {

FlowPairing::FlowPairing(PairingWorker& worker, const FlowInfo& flow)
    : worker_(worker),
      requests_(MessageKind::request, worker.parser, *this, worker.budget, flow.saw_start),
      responses_(MessageKind::response, worker.parser, *this, worker.budget, flow.saw_start),
      session_(flow.id),
      client_(flow.client),
      server_(flow.server),
      doubtful_(!flow.saw_start) {
  worker_.statistics.connections.add();
  if (!flow.saw_start) worker_.statistics.connections_joined_midstream.add();
}

FlowPairing::~FlowPairing() {
  drop_held(Direction::to_server);
  drop_held(Direction::to_client);
  for (; !pending_.empty(); pending_.pop_front()) worker_.budget.give_leased(pending_.front().charge);
}

HeadDecision FlowPairing::on_head(MessageReader& reader, const ParsedHead& head) {
  return reader.kind() == MessageKind::request ? on_request_head(head) : on_response_head(head);
}

AfterMessage FlowPairing::on_message(MessageReader& reader, HttpMessage&& message, MessageTimes times) {
  return reader.kind() == MessageKind::request ? on_request(std::move(message), times)
                                               : on_response(std::move(message), times);
}

void FlowPairing::on_lost(MessageReader& reader, LostMessage&& lost) {
  if (reader.kind() == MessageKind::request)
    on_request_lost(lost);
  else
    on_response_lost(std::move(lost));
}

void FlowPairing::on_other_protocol(MessageReader& reader, OtherProtocol protocol) {
  if (reader.kind() == MessageKind::response) {
    // What the connection carries is told by the client's side. After a request it is a malformed response.
    if (pending_.empty() || !paired_) return;
    worker_.statistics.responses_malformed.add();
    response_framing_lost(false);
    return;
  }
  switch (protocol) {
    case OtherProtocol::http2: worker_.statistics.connections_http2.add(); break;
    case OtherProtocol::tls: worker_.statistics.connections_tls.add(); break;
    case OtherProtocol::unknown:
      worker_.statistics.connections_unknown.add();
      doubtful_ = true;
      return;
  }
  is_other_ = true;
  paired_ = false;
}

void FlowPairing::on_data(Direction direction, std::string_view bytes, WallTime time) {
  if (side_of(direction).finished) return;
  if (must_wait(direction)) {
    if (make_room(direction, bytes.size(), bytes, time)) {
      hold_data(direction, bytes, time);
      return;
    }
  }
  MessageReader& reader = reader_of(direction);
  if (reader.stopped()) {
    if (is_other_) worker_.statistics.bytes_tunnelled.add(bytes.size());
    return;
  }
  const std::size_t taken = reader.feed(bytes, time);
  if (taken < bytes.size() && reader.paused()) hold_data(direction, bytes.substr(taken), time);
  pump(time);
}

void FlowPairing::on_gap(Direction direction, std::uint64_t length, GapCause cause, WallTime time) {
  if (side_of(direction).finished) return;
  const bool truncated = cause == GapCause::truncated;
  if (must_wait(direction) && make_room(direction, 0, {}, time)) {
    held_of(direction).add_gap(length, truncated, time);
    return;
  }
  reader_of(direction).gap(length, truncated, time);
  pump(time);
}

void FlowPairing::on_end(Direction direction, StreamEnd end, WallTime time) {
  Side& side = side_of(direction);
  side.ended = true;
  side.orderly = end == StreamEnd::fin;
  finish_if_ended(direction, time);
  if (direction == Direction::to_client && side.finished && awaiting_ == Awaiting::response)
    awaiting_ = Awaiting::bytes;
  pump(time);
}

void FlowPairing::on_flow_end(FlowEnd end, WallTime time) {
  switch (end) {
    case FlowEnd::closed:
    case FlowEnd::port_reused: end_reason_ = LossReason::closed_early; break;
    case FlowEnd::expired: end_reason_ = LossReason::expired; break;
    case FlowEnd::evicted: end_reason_ = LossReason::memory; break;
    case FlowEnd::drained: end_reason_ = LossReason::unfinished; break;
  }
  // Nothing comes any more that could decide for what waits.
  doubtful_ = true;
  do {
    if (awaiting_ == Awaiting::response) awaiting_ = Awaiting::bytes;
    pump(time);
  } while (side_of(Direction::to_server).held != nullptr && awaiting_ == Awaiting::response);
  for (const Direction direction : {Direction::to_server, Direction::to_client}) {
    Side& side = side_of(direction);
    drop_held(direction);
    if (!std::exchange(side.finished, true)) reader_of(direction).finish(side.ended && side.orderly, time);
  }
  for (PendingRequests::Number number = pending_.begin(); number < pending_.end(); ++number) {
    pending_.at(number).request_ended = true;
    pending_.at(number).response_ended = true;
  }
  flush_finished();
  worker_.statistics.bytes_skipped.add(requests_.bytes_skipped() + responses_.bytes_skipped());
}

HeldBytes& FlowPairing::held_of(Direction direction) {
  std::unique_ptr<HeldBytes>& held = side_of(direction).held;
  if (held == nullptr) held = std::make_unique<HeldBytes>(worker_.budget);
  return *held;
}

void FlowPairing::hold_data(Direction direction, std::string_view bytes, WallTime time) {
  held_of(direction).add_data(bytes, time);
}

// Whether `size` more bytes may wait. If not, what waits is decided now, and the direction's reader runs again. What is
// held for one flow passes the limit by at most one segment.
bool FlowPairing::make_room(Direction direction, std::size_t size, std::string_view bytes, WallTime time) {
  Side& side = side_of(direction);
  const std::size_t held = side.held == nullptr ? 0 : side.held->size();
  const bool fits_budget = worker_.budget.has_room(size + sizeof(HeldBytes::Item));
  if (held < worker_.options.held_bytes_max && fits_budget) return true;
  if (direction == Direction::to_client) doubtful_ = true;
  while (must_wait(direction)) {
    if (direction == Direction::to_server) {
      awaiting_ = Awaiting::bytes;
      if (side.held == nullptr) decide_by(bytes);
    }
    pump(time);
  }
  return false;
}

void FlowPairing::drop_held(Direction direction) {
  std::unique_ptr<HeldBytes> held = std::move(side_of(direction).held);
  if (held != nullptr && is_other_) worker_.statistics.bytes_tunnelled.add(held->size());
}

void FlowPairing::deliver_held(Direction direction, WallTime time) {
  Side& side = side_of(direction);
  const std::unique_ptr<HeldBytes> held = std::move(side.held);
  MessageReader& reader = reader_of(direction);
  if (held != nullptr) {
    for (const HeldBytes::Item& item : held->items()) {
      const bool is_gap = item.missing > 0;
      if (reader.paused()) {
        if (is_gap)
          held_of(direction).add_gap(item.missing, item.truncated, item.time);
        else
          hold_data(direction, item.bytes, item.time);
        continue;
      }
      if (is_gap) {
        reader.gap(item.missing, item.truncated, item.time);
        continue;
      }
      const std::size_t taken = reader.feed(item.bytes, item.time);
      if (taken < item.bytes.size()) hold_data(direction, std::string_view(item.bytes).substr(taken), item.time);
    }
  }
  finish_if_ended(direction, time);
}

// The client's bytes behind a CONNECT or a request with Upgrade, whose response cannot be known.
void FlowPairing::decide_by(std::string_view bytes) {
  awaiting_ = Awaiting::nothing;
  if (bytes.empty() || match_start(MessageKind::request, bytes) != StartMatch::no) return;
  become_tunnel(!pending_.empty() && pending_.back().answers == Answers::connect);
  paired_ = false;
}

// Acts on what one direction has decided for the other. Ends, for each round either resumes a reader, which then takes
// a message, or is the last.
void FlowPairing::pump(WallTime time) {
  for (;;) {
    if (!paired_ && !responses_.stopped()) {
      responses_.stop();
      drop_held(Direction::to_client);
    }
    const HeldBytes* held = side_of(Direction::to_server).held.get();
    if (awaiting_ == Awaiting::bytes && held != nullptr) decide_by(held->items().front().bytes);
    if (requests_.paused() && awaiting_ == Awaiting::nothing) {
      requests_.resume(time);
      deliver_held(Direction::to_server, time);
    } else if (responses_.paused() && (doubtful_ || next_unanswered() != PendingRequests::none)) {
      responses_.resume(time);
      deliver_held(Direction::to_client, time);
    } else {
      return;
    }
  }
}

void FlowPairing::finish_if_ended(Direction direction, WallTime time) {
  Side& side = side_of(direction);
  if (!side.ended || side.finished || must_wait(direction)) return;
  side.finished = true;
  reader_of(direction).finish(side.orderly, time);
}

}  // namespace understudy
