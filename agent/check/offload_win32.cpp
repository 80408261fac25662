#include "agent/check/offload.hpp"

namespace understudy {

// Windows tells of large send offload and receive segment coalescing only by WMI. Packets are then taken to be joined,
// which asks for a snap length that takes them whole.
std::optional<OffloadSettings> offload_settings(const std::string&) { return std::nullopt; }

}  // namespace understudy
