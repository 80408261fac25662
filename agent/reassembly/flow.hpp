// One TCP connection as it was captured: both streams, how it began, and how it ends.
//
// Keeps the connection's state; knows nothing of tables and timers. The table asks for the stage after each event, and
// calls back when that stage's time-out has passed. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "agent/decode/segment.hpp"
#include "agent/reassembly/held_syn.hpp"
#include "agent/reassembly/reassembly_options.hpp"
#include "agent/reassembly/stream.hpp"
#include "agent/reassembly/stream_events.hpp"

namespace understudy {

class Flow {
 public:
  // What a flow waits for; each has its time-out.
  enum class Stage : std::uint8_t {
    handshake,  // for anything at all after its SYN, or for the first byte where no SYN was seen
    active,     // for the next segment
    holding,    // for a hole to be filled
    proven,     // for a hole to be filled that the peer acknowledged
    closing,    // for contradiction of a FIN or RST
    ended,      // for nothing; remembered so that late segments are recognised
  };
  static constexpr std::size_t stages = 6;

  enum class Verdict : std::uint8_t {
    followed,
    succeeded,  // a held SYN turned out to begin a new connection, see take_successor; the segment belongs to that
    elsewhere,  // the segment belongs to a connection whose beginning was not seen
  };

  Flow() = default;
  Flow(FlowIdentity identity, bool roles_known) : identity_(std::move(identity)), roles_known_(roles_known) {}

  // REQUIRES: no RST together with SYN. `direction` is the segment's within this flow.
  [[nodiscard]] Verdict on_segment(const TcpSegment& segment, Direction direction, StreamEvents& events,
                                   const ReassemblyOptions& options);
  [[nodiscard]] std::unique_ptr<HeldSyn> take_successor() { return std::move(successor_); }

  // Time-outs of the stages holding, proven and closing.
  void give_up_unacknowledged(StreamEvents& events);
  void give_up_proven(StreamEvents& events);
  void close(StreamEvents& events);
  // Tells everything stored, for a memory limit.
  void give_up_all(StreamEvents& events);
  // Tells everything there is to tell, and the end. Without effect on a flow that ended.
  void finish(FlowEnd reason, StreamEvents& events);

  [[nodiscard]] Stage stage() const;
  [[nodiscard]] FlowIdentity& identity() { return identity_; }

 private:
  Verdict on_segment_any(const TcpSegment& segment, Direction direction, StreamEvents& events,
                         const ReassemblyOptions& options);
  Verdict on_syn(const TcpSegment& segment, Direction direction, StreamEvents& events,
                 const ReassemblyOptions& options);
  Verdict on_syn_ack(const TcpSegment& segment, Direction direction, StreamEvents& events,
                     const ReassemblyOptions& options);
  void on_reset(const TcpSegment& segment, Direction direction, StreamEvents& events);
  [[nodiscard]] Verdict after_end(const TcpSegment& segment, Direction direction, StreamEvents& events,
                                  const ReassemblyOptions& options) const;
  void hold_syn(const TcpSegment& segment, Direction direction, bool own, StreamEvents& events,
                const ReassemblyOptions& options);
  void resolve_own_syn(const TcpSegment& segment, Direction direction, StreamEvents& events,
                       const ReassemblyOptions& options);
  void drop_held(StreamEvents& events);
  void settle(StreamEvents& events, const ReassemblyOptions& options);
  void tell_ends(StreamEvents& events);
  void turn_around();
  [[nodiscard]] bool untouched() const { return streams_[0].untouched() && streams_[1].untouched(); }
  [[nodiscard]] Stream& stream(Direction direction) { return streams_[static_cast<std::size_t>(direction)]; }
  [[nodiscard]] const Stream& stream(Direction direction) const {
    return streams_[static_cast<std::size_t>(direction)];
  }

  // In the order in which a segment meets them.
  FlowIdentity identity_;
  bool calm_ = false;         // established, nothing pending: only data and acknowledgements are of interest
  bool handshake_ = true;     // only SYNs so far
  bool answered_ = false;     // the SYN-ACK was seen
  bool roles_known_ = false;  // from a SYN
  bool ended_ = false;
  bool reset_ = false;  // a RST was seen and not revoked
  Direction reset_from_ = Direction::to_server;
  std::array<Stream, 2> streams_{Stream(Direction::to_server), Stream(Direction::to_client)};
  std::unique_ptr<HeldSyns> held_;
  std::unique_ptr<HeldSyn> successor_;
};

}  // namespace understudy
