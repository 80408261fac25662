// IEEE 802.11 data frames, with or without a radiotap header (www.radiotap.org).
#pragma once

#include "agent/decode/layer.hpp"

namespace understudy {

[[nodiscard]] Step decode_radiotap(const Layer& packet);
// Management and control frames, fragments and aggregates (A-MSDU) are not_ip; protected frames are tunnel_encrypted.
[[nodiscard]] Step decode_ieee80211(const Layer& frame);

}  // namespace understudy
