// The pcap-filter(7) expression that finds the TCP segments of some ports and addresses.
#pragma once

#include <string>

#include "agent/capture/packet.hpp"
#include "agent/capture/packet_filter.hpp"

namespace understudy {

// Of `filter` without its own `expression`: the two are combined as programs (filter_program.hpp), since words like
// `vlan` move the offsets of all that stands behind them in the same text. Lets pass, besides the segments themselves,
// frames with up to two VLAN tags, every fragment of IP that may hold TCP, and IPv6 with extension headers. `link_type`
// matters because not every word compiles for each of them. Never empty.
[[nodiscard]] std::string bpf_expression(const PacketFilter& filter, LinkType link_type);

}  // namespace understudy
