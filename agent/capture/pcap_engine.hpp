// Live capture by libpcap, from one or several interfaces.
//
// How packets reach us on Linux: immediate mode is off, so that libpcap uses TPACKET_V3. The kernel packs packets into
// blocks and hands a block over when it is full or `delivery_delay` old. That costs one wake-up for a block instead of
// one for a packet, and no memory for the unused rest of a slot.
//
// What a stall of ours costs: libpcap divides the buffer into blocks of 256 KiB, and a block that is handed over counts
// as full however little is in it. So even few packets fill the buffer in (buffer / 256 KiB) * delivery_delay: 256 ms
// with the defaults. Where the host may hold the process up for longer, raise either one. Measured: 0.2 s lose nothing,
// 0.5 s do; with 5 ms, 0.5 s lose nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/capture/engine.hpp"
#include "agent/capture/packet_filter.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Engines with the same group share the packets of their interfaces by flow, both directions of a flow to the same one.
// Linux: PACKET_FANOUT. Group numbers are per network namespace; interface i of `interfaces` uses group + i.
struct PacketFanOut {
  std::uint16_t group = 0;
};

struct LiveOptions {
  std::vector<std::string> interfaces;  // empty: the "any" device
  PacketFilter filter;
  std::size_t buffer_bytes = std::size_t{32} * 1024 * 1024;  // of the kernel's ring, for each interface
  int snap_length = 262144;                                  // large enough for offloaded (GRO, GSO) segments
  bool promiscuous = false;
  Nanoseconds delivery_delay = std::chrono::milliseconds(2);  // rounded up to a millisecond, at least 1
  std::optional<PacketFanOut> fan_out;
  // Told in one line when an interface goes away, comes back, or cannot be reopened. From the polling thread. May be
  // empty.
  std::function<void(std::string_view)> on_event;
};

// Errors: permission, no_interface (the message lists those that exist), bad_filter (with the expression and libpcap's
// words), engine_missing when fan-out is asked for where there is none.
[[nodiscard]] Result<std::unique_ptr<Engine>> open_live(const LiveOptions& options);

}  // namespace understudy
