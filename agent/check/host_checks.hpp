// The doctor's look at the host. Each function makes one check; none of them waits.
#pragma once

#include <vector>

#include "agent/capture/interfaces.hpp"
#include "agent/check/check.hpp"

namespace understudy {

[[nodiscard]] CheckItem check_permission();
// `listed` is all there are; `wanted` what the user named, or empty for all.
[[nodiscard]] CheckItem check_interfaces(const Result<std::vector<Interface>>& listed,
                                         const std::vector<std::string>& wanted);
[[nodiscard]] CheckItem check_sockets(const std::vector<std::uint16_t>& ports);
// Offloading on the interfaces that would be captured from, against the snap length.
[[nodiscard]] CheckItem check_offload(const std::vector<Interface>& captured, int snap_length);

// Those of `listed` that would be captured from.
[[nodiscard]] std::vector<Interface> captured_interfaces(const std::vector<Interface>& listed,
                                                         const std::vector<std::string>& wanted);

}  // namespace understudy
