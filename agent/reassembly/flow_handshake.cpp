// How a flow begins: SYNs, their data, and the roles they show.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "agent/reassembly/flow.hpp"
#include "agent/reassembly/segment_fields.hpp"

namespace understudy {
namespace {

// A SYN this near to where a stream joined in midstream stands is that stream's own, captured late.
constexpr std::int64_t near_bytes = handshake_leeway_bytes;

bool near(const Stream& stream, std::uint32_t sequence) {
  return stream.anchored() && std::abs(stream.ahead(sequence)) <= near_bytes;
}

}  // namespace

Flow::Verdict Flow::on_syn(const TcpSegment& segment, Direction direction, StreamEvents& events,
                           const ReassemblyOptions& options) {
  if (!roles_known_ && !identity_.told && untouched() && direction == Direction::to_client) {
    turn_around();
    direction = Direction::to_server;
  }
  Stream& sent = stream(direction);
  const std::uint32_t first = segment.sequence + 1;
  bool ours = sent.known_start() && sent.start_sequence() == first;
  if (!sent.known_start() && untouched()) {
    Stream& back = stream(opposite(direction));
    if (!back.known_start()) {
      back = Stream(opposite(direction));  // what was guessed came from an earlier connection
    }
    sent.anchor(first, true);
    identity_.saw_start = true;
    roles_known_ = true;
    ours = true;
  } else if (!sent.known_start() && near(sent, first)) {
    return Verdict::followed;
  }
  if (!ours || (payload_length(segment) != 0 && sent.untouched())) {
    hold_syn(segment, direction, ours, events, options);
  }
  return Verdict::followed;
}

Flow::Verdict Flow::on_syn_ack(const TcpSegment& segment, Direction direction, StreamEvents& events,
                               const ReassemblyOptions& options) {
  if (!roles_known_ && !identity_.told && untouched() && direction == Direction::to_server) {
    turn_around();
    direction = Direction::to_client;
  }
  Stream& sent = stream(direction);
  Stream& back = stream(opposite(direction));
  const std::uint32_t first = segment.sequence + 1;
  const std::uint32_t acknowledged = segment.acknowledgment;
  const bool ours = sent.known_start() && sent.start_sequence() == first;
  if (!back.known_start() && back.untouched() && (sent.untouched() || ours || near(sent, first))) {
    back.anchor(acknowledged, true);
  }
  const std::int64_t beyond =
      back.known_start() ? sequence_distance(back.start_sequence(), acknowledged) : back.ahead(acknowledged);
  const bool answers = ours || (back.known_start() ? beyond >= 0 && beyond <= near_bytes : near(back, acknowledged));
  if (!answers) {
    // It answers a SYN that was not captured, or is forged: whether the client goes on from there will tell.
    TcpSegment syn = segment;
    if (untouched()) {
      syn.sequence = acknowledged - 1;
      syn.flags = tcp_flag::syn;
      syn.payload = {};
      syn.missing = 0;
      if (!sent.anchored()) {
        sent.anchor(first, true);
      }
      hold_syn(syn, opposite(direction), false, events, options);
    } else {
      hold_syn(syn, direction, false, events, options);
    }
    return Verdict::followed;
  }
  if (!ours && sent.untouched()) {
    sent.anchor(first, true);
  } else if (!ours && !near(sent, first)) {
    hold_syn(segment, direction, false, events, options);
    return Verdict::followed;
  }
  identity_.saw_start = identity_.saw_start || !identity_.told;
  roles_known_ = true;
  answered_ = true;
  back.acknowledge(acknowledged, events, options);
  if (payload_length(segment) != 0 && sent.untouched()) {
    hold_syn(segment, direction, true, events, options);
  }
  return Verdict::followed;
}

void Flow::hold_syn(const TcpSegment& segment, Direction direction, bool own, StreamEvents& events,
                    const ReassemblyOptions& options) {
  ReassemblyStatistics& counters = events.counters();
  const Stream& sent = stream(direction);
  HeldSyn syn;
  syn.direction = direction;
  syn.sequence = segment.sequence;
  syn.acknowledgment = segment.acknowledgment;
  syn.window = segment.window;
  syn.flags = segment.flags;
  syn.own = own;
  syn.only_by_syn_ack = !own && sent.told() && near(sent, segment.sequence + 1);
  syn.time = segment.time;
  syn.missing = segment.missing;
  // SYNs come from anyone: their data may take a quarter of the memory, beyond that it has to be sent again.
  if (counters.bytes_buffered() + segment.payload.size() <= options.total_bytes_max / 4) {
    syn.payload.assign(segment.payload.begin(), segment.payload.end());
    counters.bytes_stored.add(segment.payload.size());
  } else {
    syn.missing += static_cast<std::uint32_t>(segment.payload.size());
    counters.total_limit_hits.add();
  }
  if (!own && !untouched()) {
    counters.ignored_syn.add();
  }
  if (held_ == nullptr) {
    held_ = std::make_unique<HeldSyns>();
  }
  counters.bytes_released.add(held_->hold(std::move(syn)));
  calm_ = false;
}

// The flow's own SYN carried data: the first segment that shows how much of it the peer took settles it.
void Flow::resolve_own_syn(const TcpSegment& segment, Direction direction, StreamEvents& events,
                           const ReassemblyOptions& options) {
  HeldSyn* own = held_->own();
  if (own == nullptr) {
    return;
  }
  const std::uint32_t length = own->after() - own->first();
  std::int64_t taken = -1;
  if (direction != own->direction && has_flag(segment, tcp_flag::ack)) {
    taken = sequence_distance(own->first(), segment.acknowledgment);
  } else if (direction == own->direction && !has_flag(segment, tcp_flag::syn)) {
    taken = sequence_distance(own->first(), segment.sequence);
    if (taken > 0 && taken < length) {
      taken = 0;  // what follows is sent again from inside the SYN's data: the rest of it as well
    }
  }
  if (taken < 0) {
    return;
  }
  const auto accepted = static_cast<std::uint32_t>(std::min<std::int64_t>(taken, length));
  const std::size_t captured = std::min<std::size_t>(accepted, own->payload.size());
  events.counters().refused_syn_data.add(own->payload.size() - captured);
  events.counters().bytes_released.add(own->payload.size());
  if (accepted != 0) {
    stream(own->direction)
        .accept(own->first(), ByteView(own->payload).first(captured), accepted - static_cast<std::uint32_t>(captured),
                events, options);
  }
  held_->drop_own();
}

void Flow::drop_held(StreamEvents& events) {
  if (held_ != nullptr) {
    if (const HeldSyn* own = held_->own()) {
      events.counters().refused_syn_data.add(own->payload.size());
    }
    events.counters().bytes_released.add(held_->payload_bytes());
    held_.reset();
  }
}

void Flow::turn_around() {
  std::swap(streams_[0], streams_[1]);
  streams_[0].set_direction(Direction::to_server);
  streams_[1].set_direction(Direction::to_client);
  identity_.first_is_server = !identity_.first_is_server;
}

}  // namespace understudy
