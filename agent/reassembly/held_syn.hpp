// SYNs of a flow whose meaning only later segments show.
//
// Two kinds are held. One's own: the flow's SYN carried data, which counts only if the peer acknowledges it (RFC 7413).
// Another's: a SYN with another initial sequence number, which begins a new connection if a later segment follows it
// up, and is a stray or forged one otherwise (RFC 5961 section 4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "agent/decode/segment.hpp"
#include "agent/reassembly/stream_handler.hpp"
#include "traffic/base/clock.hpp"

namespace understudy {

struct HeldSyn {
  Direction direction = Direction::to_server;
  std::uint32_t sequence = 0;  // the initial sequence number
  std::uint32_t acknowledgment = 0;
  std::uint32_t missing = 0;
  std::uint16_t window = 0;
  std::uint8_t flags = 0;
  bool own = false;
  bool only_by_syn_ack = false;  // inside the live stream's window: nothing less than a SYN-ACK confirms it
  WallTime time;
  std::vector<std::uint8_t> payload;

  // Sequence number of the first byte, and of the byte after the SYN's data.
  [[nodiscard]] std::uint32_t first() const { return sequence + 1; }
  [[nodiscard]] std::uint32_t after() const {
    return sequence + 1 + static_cast<std::uint32_t>(payload.size()) + missing;
  }
  // Whether this segment of the flow, sent in `direction`, shows that the SYN began a connection.
  [[nodiscard]] bool confirmed_by(const TcpSegment& segment, Direction segment_direction) const;
  // The SYN once more, between these endpoints. The view is valid as long as this object.
  [[nodiscard]] TcpSegment replay(const TcpSegment& confirmation, Direction confirmation_direction) const;
};

// At most `syns_max` of another's, of which the oldest gives way, and one of one's own.
class HeldSyns {
 public:
  static constexpr std::size_t syns_max = 4;
  // A SYN that begins a connection is followed up sooner than after so many segments of the flow.
  static constexpr std::uint32_t segments_max = 64;

  // A SYN with the same number and direction replaces the one held. Returns the bytes of payload that were given up.
  std::size_t hold(HeldSyn syn);
  [[nodiscard]] HeldSyn* own() { return own_.get(); }
  void drop_own() { own_.reset(); }
  // The other's SYN that this segment confirms, taken out, or null.
  [[nodiscard]] std::unique_ptr<HeldSyn> take_confirmed(const TcpSegment& segment, Direction direction);
  [[nodiscard]] std::size_t payload_bytes() const;
  // One more segment of the flow came and confirmed nothing. Returns how many more are worth waiting for, 0 when
  // nothing is held.
  [[nodiscard]] std::uint32_t count_down();

 private:
  std::unique_ptr<HeldSyn> own_;
  std::array<std::unique_ptr<HeldSyn>, syns_max> others_;
  std::size_t oldest_ = 0;
  std::uint32_t segments_left_ = segments_max;
};

}  // namespace understudy
