// One direction of a flow: turns segments in any order into bytes in order and gaps.
//
// Invariants:
//  1. next_ is the position of the first byte not yet told; it never goes back once a byte was told.
//  2. Everything stored lies above next_, with a hole in front of it.
//  3. fin_ is 0 or the position of the FIN, at or above next_, with nothing stored above it.
// Not thread-safe. Memory is bounded by ReassemblyOptions::stream_bytes_max and one segment.
#pragma once

#include <cstdint>
#include <memory>

#include "agent/reassembly/reassembly_options.hpp"
#include "agent/reassembly/sequence.hpp"
#include "agent/reassembly/stream_buffer.hpp"
#include "agent/reassembly/stream_events.hpp"
#include "traffic/base/bytes.hpp"

namespace understudy {

class Stream {
 public:
  enum class Arrival : std::uint8_t {
    nothing_new,
    new_bytes,  // told or stored
    elsewhere,  // a stream far from this one goes on under the same addresses and ports, proven by its own continuity
  };

  explicit Stream(Direction direction) : direction_(direction) {}

  // REQUIRES: untouched().
  void set_direction(Direction direction) { direction_ = direction; }

  // Says where the stream stands. `known_start`: `sequence` is that of the stream's first byte (from a SYN or what
  // acknowledged it); otherwise it is a guess, which earlier bytes still correct. REQUIRES: nothing was told or stored.
  void anchor(std::uint32_t sequence, bool known_start);

  // A segment's payload, of which the last `missing` bytes were not captured. REQUIRES: anchored.
  Arrival accept(std::uint32_t sequence, ByteView data, std::uint32_t missing, StreamEvents& events,
                 const ReassemblyOptions& options) {
    const auto expected = static_cast<std::uint32_t>(next_);
    if (sequence == expected && quiet() && told_ && missing == 0 && !data.empty()) [[likely]] {
      sender_seen_ = true;
      stray_count_ = 0;
      tell(data, events);
      return Arrival::new_bytes;
    }
    return accept_any(sequence, data, missing, events, options);
  }

  // The peer acknowledged everything before `sequence`. Returns whether that is news. REQUIRES: anchored.
  bool acknowledge(std::uint32_t sequence, StreamEvents& events, const ReassemblyOptions& options);

  // A FIN after the byte before `sequence`. Returns whether it is news. REQUIRES: anchored.
  bool finish_at(std::uint32_t sequence, StreamEvents& events, const ReassemblyOptions& options);

  // Counts one more segment of the flow towards gap_slack_segments.
  void count_slack(StreamEvents& events, const ReassemblyOptions& options);
  // Tells the holes that the peer had acknowledged when counting began.
  void give_up_proven(StreamEvents& events);
  // Tells every hole with something behind it, and everything stored.
  void give_up_all(StreamEvents& events);
  // The same, and what the peer acknowledged beyond the last byte seen. Nothing can follow.
  void flush(StreamEvents& events);
  // REQUIRES: the flow was told.
  void end(StreamEnd end, StreamEvents& events);

  [[nodiscard]] bool anchored() const { return next_ != 0; }
  [[nodiscard]] bool known_start() const { return known_start_; }
  // Sequence number of the first byte. REQUIRES: known_start.
  [[nodiscard]] std::uint32_t start_sequence() const { return start_; }
  [[nodiscard]] bool told() const { return told_; }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool storing() const { return buffer_ != nullptr && !buffer_->empty(); }
  // Nothing stored, no FIN, not ended: only the next byte is of interest.
  [[nodiscard]] bool quiet() const { return !storing() && fin_ == 0 && !ended_; }
  [[nodiscard]] bool untouched() const { return !told_ && !ended_ && !storing(); }
  [[nodiscard]] bool has_hole() const { return storing() || fin_ > next_; }
  [[nodiscard]] bool hole_proven() const { return has_hole() && acknowledged_ >= hole_end(); }
  // No segment of the peer acknowledged anything.
  [[nodiscard]] bool never_acknowledged() const { return !peer_seen_; }
  // All bytes up to the FIN were told; confirmed: the peer acknowledged the FIN as well.
  [[nodiscard]] bool fin_reached() const { return fin_ != 0 && fin_ == next_; }
  [[nodiscard]] bool fin_confirmed() const { return fin_reached() && acknowledged_ > fin_; }
  // How far `sequence` is above the next expected byte.
  [[nodiscard]] std::int64_t ahead(std::uint32_t sequence) const {
    return sequence_distance(static_cast<std::uint32_t>(next_), sequence);
  }
  // Whether a RST with this sequence number can be the sender's (RFC 5961 section 3.2, with leeway for lost captures).
  [[nodiscard]] bool plausible_reset(std::uint32_t sequence) const;

 private:
  Arrival accept_any(std::uint32_t sequence, ByteView data, std::uint32_t missing, StreamEvents& events,
                     const ReassemblyOptions& options);
  Arrival accept_window(std::uint64_t begin, ByteView data, std::uint64_t end, StreamEvents& events,
                        const ReassemblyOptions& options);
  void count_old(std::uint64_t end, std::uint64_t length, ReassemblyStatistics& counters) const;
  [[nodiscard]] Arrival note_stray(std::uint32_t sequence, std::uint32_t length, ReassemblyStatistics& counters);
  void store(std::uint64_t begin, ByteView data, std::uint64_t end, StreamEvents& events,
             const ReassemblyOptions& options);
  void deliver(ByteView data, std::uint64_t end, StreamEvents& events);
  void deliver_front(StreamEvents& events);
  void account(std::size_t charge_before, ReassemblyStatistics& counters) const;
  [[nodiscard]] std::uint64_t hole_end() const { return storing() ? buffer_->front().begin : fin_; }
  void skip_hole(StreamEvents& events);
  void tell_gap(std::uint64_t length, GapCause cause, StreamEvents& events);
  void note_first() {
    if (!told_) {
      told_ = true;
      origin_ = next_;
    }
  }
  void tell(ByteView bytes, StreamEvents& events) {
    note_first();
    const std::uint64_t offset = next_ - origin_;
    next_ += bytes.size();
    events.data(direction_, offset, bytes);
  }

  std::uint64_t next_ = 0;    // 0: not anchored
  std::uint64_t origin_ = 0;  // position of offset 0, once told
  std::uint64_t fin_ = 0;
  std::uint64_t highest_ = 0;             // end of the furthest byte seen
  std::uint64_t acknowledged_ = 0;        // furthest position that the peer acknowledged
  std::uint64_t proven_ = 0;              // acknowledged_ when slack began to be counted; 0: not counting
  std::unique_ptr<StreamBuffer> buffer_;  // made by the first out-of-order segment
  std::uint32_t start_ = 0;
  std::uint32_t slack_segments_ = 0;
  // Segments far from the stream, as long as each continues the one before.
  std::uint32_t stray_begin_ = 0;
  std::uint32_t stray_end_ = 0;
  std::uint32_t stray_count_ = 0;
  bool stray_acknowledged_ = false;
  Direction direction_;
  bool known_start_ = false;
  bool told_ = false;
  bool ended_ = false;
  bool sender_seen_ = false;  // a payload of this direction was seen
  bool peer_seen_ = false;
};

}  // namespace understudy
