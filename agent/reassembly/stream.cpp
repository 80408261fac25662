#include "agent/reassembly/stream.hpp"

#include <algorithm>

namespace understudy {
namespace {

// A RST this far beyond everything seen is still the sender's: what lies between may have been lost by the capture.
constexpr std::uint64_t reset_leeway_bytes = 65535;

// Strays that make another stream: few when its peer acknowledges them, which an injector cannot arrange.
constexpr std::uint32_t strays_acknowledged = 2;
constexpr std::uint32_t strays_unacknowledged = 16;

ByteView head(ByteView data, std::uint64_t length) {
  return data.first(static_cast<std::size_t>(std::min<std::uint64_t>(length, data.size())));
}
ByteView tail(ByteView data, std::uint64_t from) {
  return data.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(from, data.size())));
}

}  // namespace

void Stream::anchor(std::uint32_t sequence, bool known_start) {
  next_ = first_position(sequence);
  highest_ = next_;
  acknowledged_ = next_;
  fin_ = 0;
  start_ = sequence;
  known_start_ = known_start;
}

Stream::Arrival Stream::accept_any(std::uint32_t sequence, ByteView data, std::uint32_t missing, StreamEvents& events,
                                   const ReassemblyOptions& options) {
  const std::uint64_t length = data.size() + missing;
  std::uint64_t begin = position_near(sequence, std::max(next_, acknowledged_));
  if (length == 0) {
    if (begin + 1 == next_) {
      events.counters().keepalive_probes.add();
    }
    return Arrival::nothing_new;
  }
  const std::uint64_t end = begin + length;
  if (end > std::max(next_, acknowledged_) + options.window_bytes_max || begin + options.window_bytes_max < next_) {
    return note_stray(sequence, static_cast<std::uint32_t>(length), events.counters());
  }
  sender_seen_ = true;
  stray_count_ = 0;
  const bool probe = length == 1 && end == next_;
  if (begin < next_ && untouched() && !known_start_ && !probe) {
    next_ = begin;  // joined in midstream, and this byte comes before the one guessed to be the first
  }
  if (end <= next_) {
    count_old(end, length, events.counters());
    return Arrival::nothing_new;
  }
  if (ended_) {
    events.counters().ignored_after_end.add();
    return Arrival::nothing_new;
  }
  if (begin < next_) {
    events.counters().retransmitted_bytes.add(next_ - begin);
    data = tail(data, next_ - begin);
    begin = next_;
  }
  return accept_window(begin, data, end, events, options);
}

// REQUIRES: next_ <= begin < end, `data` holds the first bytes of that range.
Stream::Arrival Stream::accept_window(std::uint64_t begin, ByteView data, std::uint64_t end, StreamEvents& events,
                                      const ReassemblyOptions& options) {
  if (fin_ != 0 && end > fin_) {
    fin_ = 0;
    events.counters().ends_revoked.add();
  }
  if (storing()) {
    const StreamBuffer::Overlap overlap = buffer_->compare(begin, data);
    events.counters().retransmitted_bytes.add(overlap.bytes);
    if (overlap.differs) {
      events.counters().overlaps_differing.add();
    }
    if (overlap.bytes == end - begin) {
      return Arrival::nothing_new;
    }
  }
  highest_ = std::max(highest_, end);
  if (begin == next_) {
    deliver(data, end, events);
  } else {
    store(begin, data, end, events, options);
  }
  return Arrival::new_bytes;
}

void Stream::count_old(std::uint64_t end, std::uint64_t length, ReassemblyStatistics& counters) const {
  if (!told_ || end <= origin_) {
    if (length == 1 && end == next_) {
      counters.keepalive_probes.add();
    } else {
      counters.ignored_before_start.add();
    }
    return;
  }
  counters.retransmitted_bytes.add(length);
  if (length == 1 && end == next_) {
    counters.keepalive_probes.add();
  }
}

Stream::Arrival Stream::note_stray(std::uint32_t sequence, std::uint32_t length, ReassemblyStatistics& counters) {
  if (stray_count_ == 0 || sequence != stray_end_) {
    stray_count_ = 0;
    stray_begin_ = sequence;
    stray_acknowledged_ = false;
  }
  stray_end_ = sequence + length;
  ++stray_count_;
  counters.ignored_out_of_window.add();
  const bool proven = stray_acknowledged_ ? stray_count_ >= strays_acknowledged
                                          : never_acknowledged() && stray_count_ >= strays_unacknowledged;
  return proven ? Arrival::elsewhere : Arrival::nothing_new;
}

void Stream::store(std::uint64_t begin, ByteView data, std::uint64_t end, StreamEvents& events,
                   const ReassemblyOptions& options) {
  if (buffer_ == nullptr) {
    buffer_ = std::make_unique<StreamBuffer>();
  }
  const std::size_t charge_before = buffer_->charge();
  buffer_->insert(begin, data);
  buffer_->insert_truncated(begin + data.size(), end);
  account(charge_before, events.counters());
  events.counters().out_of_order_segments.add();
  while (buffer_->charge() > options.stream_bytes_max) {
    events.counters().stream_limit_hits.add();
    skip_hole(events);
  }
}

// Tells what is next for as long as anything covers next_: stored bytes first, for they came first, then `data`, then
// what was on the wire but not captured. REQUIRES: `data` begins at next_; the segment ends at `end`.
void Stream::deliver(ByteView data, std::uint64_t end, StreamEvents& events) {
  const std::uint64_t data_end = next_ + data.size();
  const std::uint64_t begin = next_;
  for (;;) {
    const bool stored = storing();
    const StreamBuffer::Front front = stored ? buffer_->front() : StreamBuffer::Front{};
    const bool front_is_next = stored && front.begin <= next_;
    if (front_is_next && (!front.truncated() || data_end <= next_)) {
      deliver_front(events);
    } else if (data_end > next_) {
      const std::uint64_t until = !stored ? data_end : std::min(data_end, front_is_next ? front.end : front.begin);
      tell(head(tail(data, next_ - begin), until - next_), events);
      if (front_is_next) {
        const std::size_t charge_before = buffer_->charge();
        buffer_->trim_truncated_front(next_);
        account(charge_before, events.counters());
      }
    } else if (end > next_) {
      tell_gap((stored ? std::min(end, front.begin) : end) - next_, GapCause::truncated, events);
    } else {
      break;
    }
  }
}

// REQUIRES: the front begins at next_ or, if truncated, not above it.
void Stream::deliver_front(StreamEvents& events) {
  const StreamBuffer::Front front = buffer_->front();
  const std::size_t charge_before = buffer_->charge();
  if (front.truncated()) {
    tell_gap(front.end - next_, GapCause::truncated, events);
  } else {
    tell(front.bytes, events);
  }
  buffer_->pop_front();
  account(charge_before, events.counters());
}

void Stream::account(std::size_t charge_before, ReassemblyStatistics& counters) const {
  const std::size_t charge = buffer_->charge();
  if (charge >= charge_before) {
    counters.bytes_stored.add(charge - charge_before);
  } else {
    counters.bytes_released.add(charge_before - charge);
  }
}

bool Stream::acknowledge(std::uint32_t sequence, StreamEvents& events, const ReassemblyOptions& options) {
  peer_seen_ = true;
  if (sequence == static_cast<std::uint32_t>(acknowledged_)) [[likely]] {
    return false;
  }
  const std::uint64_t position = position_near(sequence, std::max(next_, acknowledged_));
  if (position <= acknowledged_ && acknowledged_ - position <= options.window_bytes_max) {
    return false;
  }
  // The position of a direction that is not captured at all can only be followed.
  const bool believed =
      position > acknowledged_ && (!sender_seen_ || position <= std::max(next_, highest_) + options.window_bytes_max);
  if (!believed) {
    events.counters().ignored_acknowledgement.add();
    stray_acknowledged_ |= stray_count_ != 0 && sequence_distance(stray_begin_, sequence) > 0 &&
                           sequence_distance(sequence, stray_end_) >= 0;
    return false;
  }
  acknowledged_ = position;
  return true;
}

bool Stream::finish_at(std::uint32_t sequence, StreamEvents& events, const ReassemblyOptions& options) {
  const std::uint64_t position = position_near(sequence, next_);
  if (ended_ || fin_ == position) {
    return false;
  }
  // One that bytes already contradict, or that is far away, is forged or belongs to another connection.
  if (position < highest_ || position < next_ || fin_ != 0 ||
      position > std::max(next_, acknowledged_) + options.window_bytes_max) {
    events.counters().ignored_after_end.add();
    return false;
  }
  fin_ = position;
  return true;
}

void Stream::count_slack(StreamEvents& events, const ReassemblyOptions& options) {
  if (!hole_proven()) {
    proven_ = 0;
    return;
  }
  if (proven_ == 0) {
    proven_ = acknowledged_;
    slack_segments_ = 0;
  } else if (++slack_segments_ >= options.gap_slack_segments) {
    give_up_proven(events);
  }
}

void Stream::give_up_proven(StreamEvents& events) {
  while (has_hole() && hole_end() <= proven_) {
    skip_hole(events);
  }
  proven_ = hole_proven() ? acknowledged_ : 0;
  slack_segments_ = 0;
}

void Stream::give_up_all(StreamEvents& events) {
  while (has_hole()) {
    skip_hole(events);
  }
}

void Stream::flush(StreamEvents& events) {
  give_up_all(events);
  // In a flow joined in midstream there is no telling a lost beginning from what came before it. A single byte can be
  // the FIN, which takes a sequence number as well (RFC 9293 section 3.4).
  const bool meaningful = anchored() && !ended_ && fin_ == 0 && (told_ || events.saw_start());
  if (meaningful && acknowledged_ > next_ + 1) {
    tell_gap(acknowledged_ - next_, GapCause::missing, events);
  }
}

void Stream::end(StreamEnd end, StreamEvents& events) {
  ended_ = true;
  events.end(direction_, end);
}

bool Stream::plausible_reset(std::uint32_t sequence) const {
  const std::uint64_t position = position_near(sequence, next_);
  return position >= std::min(next_, acknowledged_) &&
         position <= std::max({next_, highest_, acknowledged_}) + reset_leeway_bytes;
}

// Tells the hole in front of the first stored byte, or of the FIN, and what is behind it. REQUIRES: has_hole().
void Stream::skip_hole(StreamEvents& events) {
  const std::uint64_t until = hole_end();
  if (!told_ && !events.saw_start()) {
    next_ = until;  // joined in midstream: offset 0 is the first byte that was seen
  } else {
    tell_gap(until - next_, GapCause::missing, events);
  }
  deliver({}, next_, events);
}

void Stream::tell_gap(std::uint64_t length, GapCause cause, StreamEvents& events) {
  note_first();
  const std::uint64_t offset = next_ - origin_;
  next_ += length;
  highest_ = std::max(highest_, next_);
  events.gap(direction_, offset, length, cause);
}

}  // namespace understudy
