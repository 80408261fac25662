// Live capture by the packet stream of Windows' Packet Monitor, in Windows Server 2022 and later. Windows only.
//
// The driver writes packets into a ring of at most 2.5 MiB; a thread of the library hands them to us, one call for each
// packet and component of the network stack that it passes. We copy those that the filter lets pass and that were not
// seen at another component (duplicate_filter.hpp), until poll() takes them. Components are not chosen: their numbers
// differ from host to host, and the group id of a packet was seen to differ for each of its appearances.
//
// Packets over 9000 bytes are cut by the driver: requests in larger segments, as receive segment coalescing makes them,
// are lost as truncated.
#pragma once

#include <memory>
#include <string>

#include "agent/capture/engine.hpp"
#include "agent/capture/live_options.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// On all interfaces; with `interfaces` it refuses. Errors: capture_library, permission, engine_missing, bad_filter,
// no_interface when interfaces are named, usage for fan-out.
[[nodiscard]] Result<std::unique_ptr<Engine>> open_pktmon(const LiveOptions& options);

// Loads the library and opens the monitor. Errors: as above.
[[nodiscard]] Result<std::string> probe_pktmon();

}  // namespace understudy
