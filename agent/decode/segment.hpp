// One TCP segment out of a packet, as decode hands it to reassembly.
#pragma once

#include <cstdint>

#include "traffic/base/bytes.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/endpoint.hpp"

namespace understudy {

namespace tcp_flag {  // RFC 9293 section 3.1
inline constexpr std::uint8_t fin = 0x01;
inline constexpr std::uint8_t syn = 0x02;
inline constexpr std::uint8_t rst = 0x04;
inline constexpr std::uint8_t psh = 0x08;
inline constexpr std::uint8_t ack = 0x10;
}  // namespace tcp_flag

// Owns nothing: `payload` is valid until the handler returns.
struct TcpSegment {
  Endpoint source;
  Endpoint destination;
  std::uint32_t network =
      0;  // VXLAN or Geneve network identifier + 1, so that overlapping addresses stay apart; else 0
  std::uint32_t sequence = 0;        // of the SYN if there is one, else of the payload's first byte
  std::uint32_t acknowledgment = 0;  // meaningful when flags has ack
  std::uint16_t window = 0;          // not scaled
  std::uint8_t flags = 0;
  ByteView payload;           // what was captured; ends where IP's total length says
  std::uint32_t missing = 0;  // bytes of payload beyond it that were on the wire, but not captured (snap length)
  WallTime time;
};

// Receives segments; must not keep the view.
class SegmentHandler {
 public:
  virtual ~SegmentHandler() = default;
  virtual void on_segment(const TcpSegment& segment) = 0;
};

}  // namespace understudy
