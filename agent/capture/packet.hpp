// One captured packet, as an engine hands it out.
#pragma once

#include <cstdint>

#include "traffic/base/bytes.hpp"
#include "traffic/base/clock.hpp"

namespace understudy {

// Link types are the numbers of the pcap file format (LINKTYPE_*, www.tcpdump.org/linktypes.html), not libpcap's DLT_*,
// so that a capture file means the same on every platform.
using LinkType = std::uint16_t;

// Owns nothing: `data` is valid until the engine's handler returns.
struct PacketView {
  ByteView data;                  // captured bytes, from the link layer on
  std::uint32_t wire_length = 0;  // bytes on the wire; more than data.size() when the snap length cut it
  LinkType link_type = 1;         // LINKTYPE_ETHERNET
  WallTime time;
};

}  // namespace understudy
