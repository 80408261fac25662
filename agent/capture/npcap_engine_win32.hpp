// Live capture by Npcap. Windows only.
//
// How packets reach us: handles are non-blocking, and poll() looks after them every delivery delay, up to 16 ms when
// nothing comes. Nothing else works everywhere: the event of pcap_getevent() and a blocking read are not to be had from
// each library of that name. Windows' timer makes that 16 ms on most systems, in which 10 Gbit/s are 20 MB.
#pragma once

#include <memory>
#include <string>

#include "agent/capture/engine.hpp"
#include "agent/capture/live_options.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// On the interfaces that are named, each with the whole buffer; or on all that are up, loopback among them, which share
// it. One that goes away is opened again when
// it comes back. Errors: capture_library, permission, no_interface (the message lists those that exist), bad_filter,
// usage for fan-out.
[[nodiscard]] Result<std::unique_ptr<Engine>> open_npcap(const LiveOptions& options);

// What is installed, after loading it and asking it for its devices. Errors: capture_library.
[[nodiscard]] Result<std::string> probe_npcap();

}  // namespace understudy
