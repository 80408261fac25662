// How to capture from the wire, whatever engine does it.
//
// Thread safety: plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/capture/packet_filter.hpp"
#include "traffic/base/clock.hpp"

namespace understudy {

// Engines with the same group share the packets of their interfaces by flow, both directions of a flow to the same one.
// Linux: PACKET_FANOUT. Group numbers are per network namespace; interface i of `interfaces` uses group + i.
struct PacketFanOut {
  std::uint16_t group = 0;
};

struct LiveOptions {
  std::vector<std::string> interfaces;  // empty: all of them
  PacketFilter filter;
  std::size_t buffer_bytes = std::size_t{32} * 1024 * 1024;  // in the kernel, for each interface that is named
  int snap_length = 262144;                                  // large enough for offloaded (GRO, GSO) segments
  bool promiscuous = false;
  Nanoseconds delivery_delay = std::chrono::milliseconds(2);  // rounded up to a millisecond, at least 1
  std::optional<PacketFanOut> fan_out;                        // only where the engine can
  // Told in one line when an interface goes away, comes back, or cannot be reopened. From the polling thread. May be
  // empty.
  std::function<void(std::string_view)> on_event;
};

}  // namespace understudy
