// Between the link types of capture files (LINKTYPE_*) and libpcap's own numbers (DLT_*), which differ for raw IP.
#pragma once

#include "agent/capture/packet.hpp"

namespace understudy {

namespace link_type {
inline constexpr LinkType bsd_loopback = 0;
inline constexpr LinkType ethernet = 1;
inline constexpr LinkType raw_ip = 101;
inline constexpr LinkType linux_cooked = 113;
inline constexpr LinkType linux_cooked_v2 = 276;
}  // namespace link_type

[[nodiscard]] LinkType link_type_of_dlt(int dlt);
[[nodiscard]] int dlt_of_link_type(LinkType link_type);

}  // namespace understudy
