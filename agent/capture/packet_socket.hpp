// What libpcap does not offer of the socket under a capture handle, and of the interface behind it. One file per
// platform.
#pragma once

#include <cstdint>
#include <string>

#include "traffic/base/error.hpp"

namespace understudy {

// Joins the socket to a group that shares packets by a hash of the flow, the same for both directions; fragments of
// IPv4 are put together by the kernel first, so that they follow their flow. Errors: engine_missing, permission.
[[nodiscard]] Result<void> join_fan_out(int descriptor, std::uint16_t group);

// On loopback the kernel shows each packet twice, going out and coming in. libpcap drops the first copy in user space;
// this keeps it out of the buffer. Best effort: old kernels refuse, and then libpcap's way holds.
void ignore_outgoing(int descriptor);

struct InterfaceState {
  unsigned index = 0;  // 0: there is none of this name
  bool up = false;
  bool loopback = false;
};
[[nodiscard]] InterfaceState interface_state(const std::string& name);

// Packets that the card or its driver lost since the interface exists. 0 where that is not told.
[[nodiscard]] std::uint64_t interface_drops(const std::string& name);

}  // namespace understudy
