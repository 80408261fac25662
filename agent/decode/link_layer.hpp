// Link layers: from the first captured byte to IP.
//
// Sources: www.tcpdump.org/linktypes.html; IEEE 802.3, 802.1Q, 802.1ad; RFC 1042 (SNAP).
#pragma once

#include "agent/capture/packet.hpp"
#include "agent/decode/layer.hpp"

namespace understudy {

// The first layer of a packet; ended (link_type_unknown) when the link type is not decoded.
[[nodiscard]] Step enter_link(const PacketView& packet);

[[nodiscard]] Step decode_ethernet(const Layer& frame);
[[nodiscard]] Step decode_linux_cooked(const Layer& packet);
[[nodiscard]] Step decode_linux_cooked_v2(const Layer& packet);
[[nodiscard]] Step decode_bsd_loopback(const Layer& packet);
[[nodiscard]] Step decode_nflog(const Layer& packet);

// What follows an EtherType: up to 4 VLAN tags are passed over. Values below 0x600 stand for IEEE 802.2 LLC.
[[nodiscard]] Step decode_ether_type(std::uint16_t type, const Layer& rest);
// IEEE 802.2 LLC with SNAP.
[[nodiscard]] Step decode_llc(const Layer& rest);

}  // namespace understudy
