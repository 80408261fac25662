// What the packet stream of Windows' Packet Monitor delivers, read from its bytes.
//
// Source: learn.microsoft.com/windows/win32/pktmon, PacketMonitorCreateRealtimeStream. That page has the members of the
// metadata, not their packing. Where the metadata leave 40 bytes they are packed, which programs that ran on Windows 11
// report; 48 would be their natural alignment. Both are read; anything else is refused.
//
// Thread safety: plain functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "agent/capture/packet.hpp"

namespace understudy {

// PACKETMONITOR_STREAM_DATA_DESCRIPTOR: the offsets and lengths that go with one delivered buffer.
struct PktmonDescriptor {
  std::uint32_t metadata_offset = 0;
  std::uint32_t packet_offset = 0;
  std::uint32_t packet_length = 0;
};

struct PktmonPacket {
  PacketView view;
  bool was_dropped = false;  // the network stack dropped it: this is its obituary, and no packet that went on
};

// Borrows from `buffer`. Empty when offsets lead out of the buffer, when the metadata cannot be read, and for kinds of
// packets that begin above IP or are no Ethernet (Wi-Fi, ARP).
[[nodiscard]] std::optional<PktmonPacket> read_pktmon_packet(ByteView buffer, const PktmonDescriptor& descriptor);

}  // namespace understudy
