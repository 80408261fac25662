// Keeps the packets that an engine hands out.
#pragma once

#include <string>
#include <vector>

#include "agent/capture/engine.hpp"
#include "tests/support/packet_builder.hpp"

namespace understudy {

class PacketLog final : public PacketHandler {
 public:
  void on_packet(const PacketView& packet) override {
    packets.push_back(
        {Bytes(packet.data.begin(), packet.data.end()), packet.time, packet.wire_length, packet.link_type});
  }
  std::vector<CapturedPacket> packets;
};

}  // namespace understudy
