// The PPP family and Cisco's HDLC. Sources: RFC 1661, RFC 1662, RFC 2516 (PPPoE), RFC 1547.
#pragma once

#include "agent/decode/layer.hpp"

namespace understudy {

// With or without HDLC's address and control bytes, with or without a compressed protocol number.
[[nodiscard]] Step decode_ppp(const Layer& frame);
// The same behind one byte that tells the direction (LINKTYPE_PPP_WITH_DIR).
[[nodiscard]] Step decode_ppp_directed(const Layer& frame);
// From the protocol number on.
[[nodiscard]] Step decode_ppp_numbered(const Layer& frame);
// A PPPoE session packet; discovery is not_ip.
[[nodiscard]] Step decode_pppoe(const Layer& packet);
[[nodiscard]] Step decode_cisco_hdlc(const Layer& frame);

}  // namespace understudy
