#include "agent/reassembly/flow.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "agent/reassembly/segment_fields.hpp"

namespace understudy {
namespace {

constexpr std::uint8_t control_flags = tcp_flag::syn | tcp_flag::fin | tcp_flag::rst;

}  // namespace

Flow::Verdict Flow::on_segment(const TcpSegment& segment, Direction direction, StreamEvents& events,
                               const ReassemblyOptions& options) {
  if (!calm_ || (segment.flags & control_flags) != 0) [[unlikely]] {
    return on_segment_any(segment, direction, events, options);
  }
  Stream& sent = stream(direction);
  Stream& back = stream(opposite(direction));
  if (has_flag(segment, tcp_flag::ack)) {
    back.acknowledge(segment.acknowledgment, events, options);
  }
  const Stream::Arrival arrival = sent.accept(segment.sequence, segment.payload, segment.missing, events, options);
  if (arrival == Stream::Arrival::elsewhere) [[unlikely]] {
    return Verdict::elsewhere;
  }
  if (!sent.quiet() || !back.quiet()) [[unlikely]] {
    settle(events, options);
  }
  return Verdict::followed;
}

Flow::Verdict Flow::on_segment_any(const TcpSegment& segment, Direction direction, StreamEvents& events,
                                   const ReassemblyOptions& options) {
  if (ended_) {
    return after_end(segment, direction, events, options);
  }
  if (has_flag(segment, tcp_flag::rst)) {
    on_reset(segment, direction, events);
    return Verdict::followed;
  }
  if (held_ != nullptr) {
    successor_ = held_->take_confirmed(segment, direction);
    if (successor_ != nullptr) {
      events.counters().bytes_released.add(successor_->payload.size());
      return Verdict::succeeded;
    }
    resolve_own_syn(segment, direction, events, options);
    if (held_->count_down() == 0) {
      drop_held(events);
    }
  }
  if (has_flag(segment, tcp_flag::syn)) {
    const Verdict verdict = has_flag(segment, tcp_flag::ack) ? on_syn_ack(segment, direction, events, options)
                                                             : on_syn(segment, direction, events, options);
    settle(events, options);
    return verdict;
  }
  Stream& sent = stream(direction);
  Stream& back = stream(opposite(direction));
  if (!sent.anchored()) {
    sent.anchor(segment.sequence, false);
  } else if (!answered_ && untouched() && std::abs(sent.ahead(segment.sequence)) > options.window_bytes_max) {
    return Verdict::elsewhere;  // a SYN that led to nothing, then another connection
  }
  bool news = false;
  if (has_flag(segment, tcp_flag::ack)) {
    if (!back.anchored()) {
      back.anchor(segment.acknowledgment, false);
    }
    news = back.acknowledge(segment.acknowledgment, events, options);
  }
  const Stream::Arrival arrival = sent.accept(segment.sequence, segment.payload, segment.missing, events, options);
  if (arrival == Stream::Arrival::elsewhere) {
    return Verdict::elsewhere;
  }
  news |= arrival == Stream::Arrival::new_bytes;
  if (has_flag(segment, tcp_flag::fin)) {
    news |= sent.finish_at(segment.sequence + payload_length(segment), events, options);
  }
  if (reset_ && direction == reset_from_ && news) {
    reset_ = false;
    events.counters().ends_revoked.add();
  }
  handshake_ = false;
  settle(events, options);
  return Verdict::followed;
}

void Flow::on_reset(const TcpSegment& segment, Direction direction, StreamEvents& events) {
  const Stream& sent = stream(direction);
  const Stream& back = stream(opposite(direction));
  // A refusal of a SYN is recognised by what it acknowledges, for its sender has no sequence number yet.
  const bool refusal = handshake_ && has_flag(segment, tcp_flag::ack) && back.anchored() &&
                       sequence_distance(back.start_sequence(), segment.acknowledgment) >= 0 &&
                       sequence_distance(back.start_sequence(), segment.acknowledgment) <= handshake_leeway_bytes;
  if (refusal || (sent.anchored() && sent.plausible_reset(segment.sequence))) {
    reset_ = true;
    reset_from_ = direction;
    calm_ = false;
  } else {
    events.counters().ignored_reset.add();
  }
}

// A flow that ended takes nothing more; only what cannot be its own begins another.
Flow::Verdict Flow::after_end(const TcpSegment& segment, Direction direction, StreamEvents& events,
                              const ReassemblyOptions& options) const {
  const Stream& sent = stream(direction);
  if (has_flag(segment, tcp_flag::rst)) {
    return Verdict::followed;
  }
  if (has_flag(segment, tcp_flag::syn)) {
    const bool repeated = sent.known_start() && sent.start_sequence() == segment.sequence + 1;
    return repeated ? Verdict::followed : Verdict::elsewhere;
  }
  if (payload_length(segment) == 0) {
    return Verdict::followed;
  }
  const std::int64_t ahead = sent.anchored() ? sent.ahead(segment.sequence) : 0;
  const bool revived = !sent.ended() || reset_ ? ahead >= 0 : false;
  if (!sent.anchored() || std::abs(ahead) > options.window_bytes_max || revived) {
    return Verdict::elsewhere;
  }
  events.counters().ignored_after_end.add();
  return Verdict::followed;
}

void Flow::settle(StreamEvents& events, const ReassemblyOptions& options) {
  for (Stream& each : streams_) {
    each.count_slack(events, options);
  }
  tell_ends(events);
  calm_ = !ended_ && !handshake_ && !reset_ && held_ == nullptr && streams_[0].anchored() && streams_[1].anchored();
}

// Tells the ends that the peer confirmed, and the flow's when both are.
void Flow::tell_ends(StreamEvents& events) {
  if (ended_) {
    return;
  }
  bool both = true;
  for (Stream& each : streams_) {
    if (!each.ended() && each.fin_confirmed() && events.flow_told()) {
      each.end(StreamEnd::fin, events);
    }
    both = both && (each.ended() || each.fin_confirmed());
  }
  if (both) {
    finish(FlowEnd::closed, events);
  }
}

void Flow::give_up_unacknowledged(StreamEvents& events) {
  for (Stream& each : streams_) {
    if (each.never_acknowledged()) {
      each.give_up_all(events);
    }
  }
  if (reset_) {
    finish(FlowEnd::closed, events);
  }
  tell_ends(events);
}

void Flow::give_up_proven(StreamEvents& events) {
  for (Stream& each : streams_) {
    each.give_up_proven(events);
  }
  tell_ends(events);
}

void Flow::give_up_all(StreamEvents& events) {
  for (Stream& each : streams_) {
    each.give_up_all(events);
  }
  tell_ends(events);
}

void Flow::close(StreamEvents& events) {
  if (reset_) {
    finish(FlowEnd::closed, events);
    return;
  }
  for (Stream& each : streams_) {
    if (!each.ended() && each.fin_reached() && events.flow_told()) {
      each.end(StreamEnd::fin, events);
    }
  }
  tell_ends(events);
}

void Flow::finish(FlowEnd reason, StreamEvents& events) {
  if (ended_) {
    return;
  }
  ended_ = true;
  calm_ = false;
  drop_held(events);
  bool both = true;
  for (Stream& each : streams_) {
    each.flush(events);
  }
  for (Stream& each : streams_) {
    if (!each.ended() && events.flow_told() && (each.fin_reached() || reset_)) {
      each.end(each.fin_reached() ? StreamEnd::fin : StreamEnd::reset, events);
    }
    both = both && each.ended();
  }
  const FlowEnd end = both || reset_ ? FlowEnd::closed : reason;
  ReassemblyStatistics& counters = events.counters();
  counters.flows_closed.add();
  if (!identity_.saw_start) {
    counters.flows_midstream.add();
  }
  if (end == FlowEnd::expired) {
    counters.flows_expired.add();
  } else if (end == FlowEnd::evicted) {
    counters.flows_evicted.add();
  } else if (end == FlowEnd::port_reused) {
    counters.flows_port_reused.add();
  }
  events.end_flow(end);
}

Flow::Stage Flow::stage() const {
  if (calm_ && streams_[0].quiet() && streams_[1].quiet()) [[likely]] {
    return identity_.told || identity_.saw_start ? Stage::active : Stage::handshake;
  }
  if (ended_) {
    return Stage::ended;
  }
  if (streams_[0].hole_proven() || streams_[1].hole_proven()) {
    return Stage::proven;
  }
  if (streams_[0].has_hole() || streams_[1].has_hole()) {
    return Stage::holding;
  }
  const auto doubtful = [](const Stream& each) { return each.fin_reached() && !each.ended(); };
  if (reset_ || (identity_.told && (doubtful(streams_[0]) || doubtful(streams_[1])))) {
    return Stage::closing;
  }
  const bool beginning = !identity_.told && (handshake_ || !identity_.saw_start);
  return beginning ? Stage::handshake : Stage::active;
}

}  // namespace understudy
