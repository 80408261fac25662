// Which packets the kernel hands to us.
//
// Thread safety: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traffic/base/endpoint.hpp"

namespace understudy {

// What to capture. It is only the coarse sieve that saves copies: it may let more through (fragments and extension
// headers hide ports), never less. The exact choice of ports and addresses is decode's (DecodeOptions).
struct PacketFilter {
  std::vector<std::uint16_t> ports;  // TCP, in either direction; empty: all TCP
  std::vector<IpRange> addresses;    // either end is in one of them; empty: any
  bool tunnels = false;              // also GRE, IP in IP, VXLAN, Geneve, GTP-U, PPPoE and MPLS, whatever they carry
  std::string expression;            // the user's own, in the language of pcap-filter(7); a packet must match both
};

}  // namespace understudy
