// Live capture by libpcap, from one or several interfaces.
//
// How packets reach us on Linux: immediate mode is off, so that libpcap uses TPACKET_V3. The kernel packs packets into
// blocks and hands a block over when it is full or `delivery_delay` old. That costs one wake-up for a block instead of
// one for a packet, and no memory for the unused rest of a slot.
//
// What a stall of ours costs: libpcap divides the buffer into blocks of 256 KiB, and a block that is handed over counts
// as full however little is in it. So even few packets fill the buffer in (buffer / 256 KiB) * delivery_delay: 256 ms
// with the defaults. Where the host may hold the process up for longer, raise either one. Measured: 0.2 s lose nothing,
// 0.5 s do; with 5 ms, 0.5 s lose nothing.
#pragma once

#include <memory>

#include "agent/capture/engine.hpp"
#include "agent/capture/live_options.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// No interface named: the "any" device. Errors: permission, no_interface (the message lists those that exist),
// bad_filter (with the expression and libpcap's words), engine_missing when fan-out is asked for where there is none.
[[nodiscard]] Result<std::unique_ptr<Engine>> open_live(const LiveOptions& options);

}  // namespace understudy
