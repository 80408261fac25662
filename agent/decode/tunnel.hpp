// What carries other packets: MPLS, GRE, ERSPAN, VXLAN, Geneve, GTP-U, and the UDP ports they are known by.
//
// Sources: RFC 3032 (MPLS), RFC 4385 (control word), RFC 2784, RFC 2890 and RFC 2637 (GRE), RFC 7637 (NVGRE), RFC 3378
// (EtherIP), RFC 8086 (GRE in UDP), RFC 7510 (MPLS in UDP), RFC 7348 (VXLAN), RFC 8926 (Geneve), 3GPP TS 29.281
// (GTP-U), and the drafts foschiano-erspan and nvo3-vxlan-gpe.
#pragma once

#include "agent/decode/layer.hpp"

namespace understudy {

[[nodiscard]] Step decode_mpls(Layer stack);
[[nodiscard]] Step decode_ethernet_in_ip(const Layer& packet);
[[nodiscard]] Step decode_gre(const Layer& packet);
[[nodiscard]] Step decode_erspan2(const Layer& packet);
[[nodiscard]] Step decode_erspan3(const Layer& packet);
// A tunnel by its port number, else not_tcp.
[[nodiscard]] Step decode_udp(const Layer& datagram);
// These two set path.network to the network identifier + 1.
[[nodiscard]] Step decode_vxlan(const Layer& packet, PacketPath& path);
[[nodiscard]] Step decode_geneve(const Layer& packet, PacketPath& path);
// Generic protocol extension: the inner protocol is named.
[[nodiscard]] Step decode_vxlan_gpe(const Layer& packet, PacketPath& path);
[[nodiscard]] Step decode_gtp_u(const Layer& packet);

}  // namespace understudy
