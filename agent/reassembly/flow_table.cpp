#include "agent/reassembly/flow_table.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "agent/reassembly/flow.hpp"
#include "agent/reassembly/flow_index.hpp"
#include "agent/reassembly/flow_key.hpp"
#include "agent/reassembly/flow_queues.hpp"
#include "traffic/base/check.hpp"

namespace understudy {
namespace {

// Flows are allocated this many at a time, and never freed before the table is.
constexpr std::size_t slab_flows = 64;

// A flow moves to the back of its queue this often at most: the three links that a move touches cost more than all the
// rest where flows are many. Idle times and "least recently active" are exact to
// this much.
constexpr Nanoseconds activity_granularity = std::chrono::milliseconds(100);

// Packet time: the median of the last three stamps.
class PacketClock {
 public:
  void see(WallTime stamp) {
    if (now_ == WallTime{}) [[unlikely]] {
      stamps_.fill(stamp);
    }
    stamps_[at_] = stamp;
    at_ = at_ == stamps_.size() - 1 ? 0 : at_ + 1;
    now_ = std::max(std::min(stamps_[0], stamps_[1]), std::min(std::max(stamps_[0], stamps_[1]), stamps_[2]));
  }
  void set(WallTime now) {
    stamps_.fill(now);
    now_ = now;
  }
  [[nodiscard]] WallTime now() const { return now_; }

 private:
  std::array<WallTime, 3> stamps_{};
  std::size_t at_ = 0;
  WallTime now_{};
};

}  // namespace

class FlowTable::Implementation {
 public:
  Implementation(const ReassemblyOptions& options, StreamHandler& handler)
      : options_(options), handler_(handler), index_(options.flows_max) {
    for (std::size_t stage = 0; stage < Flow::stages; ++stage) {
      CHECK(timeout_of(static_cast<Flow::Stage>(stage)) > Nanoseconds::zero());
    }
    CHECK(options.window_bytes_max >= 65535 && options.window_bytes_max <= (std::uint32_t{1} << 30));
  }

  void on_segment(const TcpSegment& segment);
  void advance(WallTime now);
  void drain(WallTime now);
  [[nodiscard]] const ReassemblyStatistics& statistics() const { return statistics_; }

 private:
  struct alignas(64) Slot {
    std::uint64_t hash = 0;
    WallTime last_active;  // when its last segment came
    WallTime since;        // when it entered its queue, or moved to its back
    Flow::Stage queue = Flow::Stage::handshake;
    Flow flow;
  };
  static constexpr std::uint32_t none = FlowIndex::none;

  [[nodiscard]] Slot& slot(std::uint32_t number) { return slabs_[number / slab_flows][number % slab_flows]; }
  [[nodiscard]] StreamEvents events_of(Slot& of, WallTime time) {
    return {handler_, statistics_, of.flow.identity(), time};
  }
  [[nodiscard]] bool is_server_port(std::uint16_t port) const {
    return std::find(options_.server_ports.begin(), options_.server_ports.end(), port) != options_.server_ports.end();
  }
  [[nodiscard]] Nanoseconds timeout_of(Flow::Stage stage) const;

  // The slot of the segment's flow, made if need be, or none when the segment begins nothing.
  [[nodiscard]] std::uint32_t find_or_create(const FlowKey& key, const TcpSegment& segment);
  [[nodiscard]] std::uint32_t create(const FlowKey& key, std::uint64_t hash, const TcpSegment& segment);
  [[nodiscard]] bool source_is_server(const FlowKey& key, std::uint8_t flags) const;
  [[nodiscard]] std::uint32_t allocate(WallTime time);
  void evict_one(WallTime time);
  // Forgets the flow. REQUIRES: it ended.
  void release(std::uint32_t number);
  void replace(std::uint32_t number, const FlowKey& key, const TcpSegment& segment);
  // Moves the flow to the queue of its stage.
  void requeue(std::uint32_t number, Slot& at);
  void enforce_total_limit(WallTime time);
  void pass_timeouts(WallTime time);
  void time_out(std::uint32_t number, WallTime time);

  const ReassemblyOptions options_;
  StreamHandler& handler_;
  ReassemblyStatistics statistics_;
  FlowHash hash_;
  FlowIndex index_;
  FlowQueues queues_;
  std::vector<std::unique_ptr<Slot[]>> slabs_;
  std::vector<std::uint32_t> free_;
  std::size_t slots_ = 0;
  std::uint64_t last_id_ = 0;
  PacketClock clock_;
  WallTime next_timeout_ = WallTime::max();  // no time-out is due before
};

void FlowTable::Implementation::on_segment(const TcpSegment& segment) {
  statistics_.segments.add();
  clock_.see(segment.time);
  if (clock_.now() >= next_timeout_) [[unlikely]] {
    pass_timeouts(segment.time);
  }
  const FlowKey key = FlowKey::of(segment);
  const std::uint32_t number = find_or_create(key, segment);
  if (number == none) [[unlikely]] {
    return;
  }
  Slot& at = slot(number);
  at.last_active = clock_.now();
  FlowIdentity& identity = at.flow.identity();
  const Direction from_first = identity.direction_from_first();
  const Direction direction = identity.key.first == key.first ? from_first : opposite(from_first);
  StreamEvents events = events_of(at, segment.time);
  if (at.flow.on_segment(segment, direction, events, options_) != Flow::Verdict::followed) [[unlikely]] {
    replace(number, key, segment);
    return;
  }
  requeue(number, at);
  if (statistics_.bytes_buffered() > options_.total_bytes_max) [[unlikely]] {
    enforce_total_limit(segment.time);
  }
}

std::uint32_t FlowTable::Implementation::find_or_create(const FlowKey& key, const TcpSegment& segment) {
  const std::uint64_t hash = hash_(key);
  const std::uint32_t found = index_.find(hash, [&](std::uint32_t number) {
    const FlowKey& other = slot(number).flow.identity().key;
    return key.same_way_as(other) || key.reverse_of(other);
  });
  const bool contradictory = (segment.flags & tcp_flag::syn) != 0 && (segment.flags & tcp_flag::rst) != 0;
  if (contradictory || key.first == key.second) [[unlikely]] {
    statistics_.ignored_invalid.add();
    return none;
  }
  return found != none ? found : create(key, hash, segment);
}

std::uint32_t FlowTable::Implementation::create(const FlowKey& key, std::uint64_t hash, const TcpSegment& segment) {
  if (!options_.server_ports.empty() && !is_server_port(key.first.port()) && !is_server_port(key.second.port())) {
    statistics_.ignored_other_port.add();
    return none;
  }
  if ((segment.flags & tcp_flag::rst) != 0) {
    statistics_.ignored_reset.add();
    return none;
  }
  if ((segment.flags & tcp_flag::fin) != 0 && segment.payload.empty() && segment.missing == 0) {
    return none;  // the end of a flow that was not followed
  }
  const std::uint32_t number = allocate(segment.time);
  Slot& at = slot(number);
  FlowIdentity identity;
  identity.key = key;
  identity.first_is_server = source_is_server(key, segment.flags);
  identity.id = ++last_id_;
  identity.start = segment.time;
  at.flow = Flow(std::move(identity), (segment.flags & tcp_flag::syn) != 0);
  at.hash = hash;
  at.since = clock_.now();
  at.queue = Flow::Stage::handshake;
  index_.insert(hash, number);
  queues_.push_back(at.queue, number);
  next_timeout_ = std::min(next_timeout_, at.since + timeout_of(at.queue));
  statistics_.flows_opened.add();
  return number;
}

bool FlowTable::Implementation::source_is_server(const FlowKey& key, std::uint8_t flags) const {
  if ((flags & tcp_flag::syn) != 0) {
    return (flags & tcp_flag::ack) != 0;
  }
  const bool source = is_server_port(key.first.port());
  if (source != is_server_port(key.second.port())) {
    return source;
  }
  return key.first.port() < key.second.port();
}

std::uint32_t FlowTable::Implementation::allocate(WallTime time) {
  if (free_.empty() && slots_ >= options_.flows_max) {
    evict_one(time);
  }
  if (free_.empty()) {
    const std::size_t count = std::min(slab_flows, options_.flows_max - slots_);
    slabs_.push_back(std::make_unique<Slot[]>(slab_flows));
    queues_.grow(slots_ + count);
    free_.reserve(slots_ + count);
    for (std::size_t each = count; each > 0; --each) {
      free_.push_back(static_cast<std::uint32_t>(slots_ + each - 1));
    }
    slots_ += count;
  }
  const std::uint32_t number = free_.back();
  free_.pop_back();
  return number;
}

void FlowTable::Implementation::evict_one(WallTime time) {
  std::uint32_t victim = queues_.front(Flow::Stage::ended);
  if (victim == none) {
    victim = queues_.front(Flow::Stage::handshake);
  }
  if (victim == none) {
    for (const Flow::Stage stage :
         {Flow::Stage::active, Flow::Stage::holding, Flow::Stage::proven, Flow::Stage::closing}) {
      const std::uint32_t front = queues_.front(stage);
      if (front != none && (victim == none || slot(front).last_active < slot(victim).last_active)) {
        victim = front;
      }
    }
  }
  CHECK(victim != none);
  Slot& at = slot(victim);
  StreamEvents events = events_of(at, time);
  at.flow.finish(FlowEnd::evicted, events);
  release(victim);
}

void FlowTable::Implementation::release(std::uint32_t number) {
  Slot& at = slot(number);
  queues_.remove(at.queue, number);
  index_.erase(at.hash, number);
  at.flow = Flow();
  free_.push_back(number);
}

// Ends the flow in the slot and follows the one that the segment belongs to.
void FlowTable::Implementation::replace(std::uint32_t number, const FlowKey& key, const TcpSegment& segment) {
  Slot& old = slot(number);
  const std::unique_ptr<HeldSyn> successor = old.flow.take_successor();
  const std::uint64_t hash = old.hash;
  const Direction from_first = old.flow.identity().direction_from_first();
  const Direction direction = old.flow.identity().key.first == key.first ? from_first : opposite(from_first);
  StreamEvents old_events = events_of(old, segment.time);
  old.flow.finish(FlowEnd::port_reused, old_events);
  release(number);

  const TcpSegment syn = successor != nullptr ? successor->replay(segment, direction) : segment;
  const FlowKey syn_key = FlowKey::of(syn);
  const std::uint32_t fresh = create(syn_key, hash, syn);
  if (fresh == none) {
    return;
  }
  Slot& at = slot(fresh);
  at.last_active = clock_.now();
  FlowIdentity& identity = at.flow.identity();
  const auto follow = [&](const TcpSegment& each, const FlowKey& each_key) {
    const Direction way = identity.direction_from_first();
    StreamEvents events = events_of(at, segment.time);
    const bool from = identity.key.first == each_key.first;
    (void)at.flow.on_segment(each, from ? way : opposite(way), events, options_);
  };
  follow(syn, syn_key);
  if (successor != nullptr) {
    follow(segment, key);
  }
  requeue(fresh, at);
}

void FlowTable::Implementation::requeue(std::uint32_t number, Slot& at) {
  const Flow::Stage stage = at.flow.stage();
  if (stage == at.queue) [[likely]] {
    const bool by_activity = stage == Flow::Stage::active || stage == Flow::Stage::handshake;
    if (by_activity && at.last_active - at.since >= activity_granularity) {
      at.since = clock_.now();
      queues_.move_to_back(stage, number);
    }
    return;
  }
  queues_.remove(at.queue, number);
  queues_.push_back(stage, number);
  at.queue = stage;
  at.since = clock_.now();
  next_timeout_ = std::min(next_timeout_, at.since + timeout_of(stage));
}

// Stored bytes are in flows that hold or that wait for a proven hole, by the definition of these stages.
void FlowTable::Implementation::enforce_total_limit(WallTime time) {
  while (statistics_.bytes_buffered() > options_.total_bytes_max) {
    std::uint32_t victim = queues_.front(Flow::Stage::proven);
    if (victim == none) {
      victim = queues_.front(Flow::Stage::holding);
    }
    if (victim == none) {
      return;
    }
    statistics_.total_limit_hits.add();
    Slot& at = slot(victim);
    StreamEvents events = events_of(at, time);
    at.flow.give_up_all(events);
    requeue(victim, at);
  }
}

Nanoseconds FlowTable::Implementation::timeout_of(Flow::Stage stage) const {
  switch (stage) {
    case Flow::Stage::handshake: return options_.handshake_timeout;
    case Flow::Stage::active: return options_.idle_timeout;
    case Flow::Stage::holding: return options_.one_way_gap_timeout;
    case Flow::Stage::proven: return options_.gap_slack;
    case Flow::Stage::closing: return options_.close_timeout;
    case Flow::Stage::ended: return options_.time_wait;
  }
  return options_.idle_timeout;
}

void FlowTable::Implementation::pass_timeouts(WallTime time) {
  next_timeout_ = WallTime::max();
  for (std::size_t each = 0; each < Flow::stages; ++each) {
    const auto stage = static_cast<Flow::Stage>(each);
    for (std::uint32_t front = queues_.front(stage); front != none; front = queues_.front(stage)) {
      const WallTime due = slot(front).since + timeout_of(stage);
      if (due > clock_.now()) {
        next_timeout_ = std::min(next_timeout_, due);
        break;
      }
      time_out(front, time);
    }
  }
}

// Lets the time-out of the flow's stage pass. Afterwards the flow is gone or at the back of a queue.
void FlowTable::Implementation::time_out(std::uint32_t number, WallTime time) {
  Slot& at = slot(number);
  StreamEvents events = events_of(at, time);
  const bool idle = clock_.now() - at.last_active >= options_.idle_timeout;
  switch (at.queue) {
    case Flow::Stage::handshake:
    case Flow::Stage::active:
    case Flow::Stage::holding:
      if (at.queue != Flow::Stage::holding || idle) {
        at.flow.finish(FlowEnd::expired, events);
        release(number);
        return;
      }
      at.flow.give_up_unacknowledged(events);
      break;
    case Flow::Stage::proven: at.flow.give_up_proven(events); break;
    case Flow::Stage::closing: at.flow.close(events); break;
    case Flow::Stage::ended: release(number); return;
  }
  queues_.remove(at.queue, number);
  at.queue = at.flow.stage();
  at.since = clock_.now();
  queues_.push_back(at.queue, number);
  next_timeout_ = std::min(next_timeout_, at.since + timeout_of(at.queue));
}

void FlowTable::Implementation::advance(WallTime now) {
  clock_.set(now);
  if (now >= next_timeout_) {
    pass_timeouts(now);
  }
}

void FlowTable::Implementation::drain(WallTime now) {
  for (std::size_t each = 0; each < Flow::stages; ++each) {
    const auto stage = static_cast<Flow::Stage>(each);
    for (std::uint32_t front = queues_.front(stage); front != none; front = queues_.front(stage)) {
      Slot& at = slot(front);
      StreamEvents events = events_of(at, now);
      at.flow.finish(FlowEnd::drained, events);
      release(front);
    }
  }
  next_timeout_ = WallTime::max();
}

FlowTable::FlowTable(const ReassemblyOptions& options, StreamHandler& handler)
    : implementation_(std::make_unique<Implementation>(options, handler)) {}
FlowTable::~FlowTable() = default;
void FlowTable::on_segment(const TcpSegment& segment) { implementation_->on_segment(segment); }
void FlowTable::advance(WallTime now) { implementation_->advance(now); }
void FlowTable::drain(WallTime now) { implementation_->drain(now); }
const ReassemblyStatistics& FlowTable::statistics() const { return implementation_->statistics(); }

}  // namespace understudy
