// TCP headers, RFC 9293 section 3.1.
#pragma once

#include <optional>

#include "agent/decode/layer.hpp"
#include "agent/decode/segment.hpp"

namespace understudy {

// Fills `segment`, or says why not. Options are passed over. A header whose options were cut
// by the snap length still gives a segment: all of its payload is missing then.
[[nodiscard]] std::optional<PacketEnd> decode_tcp(const Layer& rest, const PacketPath& path, TcpSegment& segment);

// Whether the checksum over pseudo-header and segment is right. False when bytes are missing.
[[nodiscard]] bool tcp_checksum_is_right(const Layer& rest, const PacketPath& path);

}  // namespace understudy
