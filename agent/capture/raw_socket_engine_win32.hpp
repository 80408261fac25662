// Live capture by raw sockets with SIO_RCVALL: in every Windows, without a driver. Windows only.
//
// One socket for each local address, which share the buffer. Filtering happens here, by our own libpcap's program for
// raw IP. What Windows drops is not to be had. IPv6 comes without its header and without its protocol: what is TCP is
// found out (bare_ipv6.hpp), tunnels and fragments of IPv6 are not.
#pragma once

#include <memory>
#include <string>

#include "agent/capture/engine.hpp"
#include "agent/capture/live_options.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// On the interfaces that are named, or on all that are up. Addresses that come later are taken up within ten seconds.
// Errors: permission, no_interface, bad_filter, engine_missing where raw sockets cannot receive everything, usage for
// fan-out.
[[nodiscard]] Result<std::unique_ptr<Engine>> open_raw_sockets(const LiveOptions& options);

// Tries it on the loopback address and closes it again. Errors: as above.
[[nodiscard]] Result<std::string> probe_raw_sockets();

}  // namespace understudy
