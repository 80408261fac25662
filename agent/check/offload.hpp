// How an interface cuts and joins segments: with offloading, captured packets are larger than the MTU.
#pragma once

#include <optional>
#include <string>

namespace understudy {

struct OffloadSettings {
  bool segmentation = false;  // TSO or GSO: what is sent is captured before it is cut
  bool receive = false;       // GRO or LRO: what is received is captured after it was joined
  unsigned mtu = 0;           // bytes of IP; 0: unknown
};

// Empty: there is no such interface, or the platform does not tell.
[[nodiscard]] std::optional<OffloadSettings> offload_settings(const std::string& interface);

}  // namespace understudy
