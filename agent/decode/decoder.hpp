// From captured packets to TCP segments: link layer, tunnels, IP with fragments, TCP.
//
// A packet passes layer by layer in a loop (layer.hpp); nothing is allocated for packets that are no fragments.
//
// Thread safety: one thread calls on_packet; statistics() may be read from any.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "agent/capture/engine.hpp"
#include "agent/decode/decode_statistics.hpp"
#include "agent/decode/fragments.hpp"
#include "agent/decode/layer.hpp"
#include "agent/decode/segment.hpp"
#include "traffic/base/endpoint.hpp"

namespace understudy {

struct DecodeOptions {
  std::vector<std::uint16_t> ports;  // segments from or to one of these are handed on; empty: all
  std::vector<IpRange> addresses;    // ... and from or to one of these; empty: any
  bool tunnels = true;               // look into GRE, VXLAN, Geneve, IP in IP, GTP-U (PPPoE and MPLS always)
  bool verify_tcp_checksum = false;  // off: offloading leaves it to the network card, so captures on the sender lack it
  FragmentLimits fragments;
};

class Decoder final : public PacketHandler {
 public:
  // REQUIRES: `handler` outlives the decoder.
  Decoder(const DecodeOptions& options, SegmentHandler& handler);
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Hands on at most one segment, before it returns.
  void on_packet(const PacketView& packet) override;

  [[nodiscard]] const DecodeStatistics& statistics() const { return statistics_; }

 private:
  [[nodiscard]] Step next_step(const Step& step, PacketPath& path);
  [[nodiscard]] Step next_tunnel(const Step& step, PacketPath& path);
  [[nodiscard]] bool is_wanted(const TcpSegment& segment) const;
  // Hands the segment on, or says why not.
  [[nodiscard]] std::optional<PacketEnd> finish(const Layer& rest, const PacketPath& path);

  const DecodeOptions options_;
  SegmentHandler& handler_;
  std::unique_ptr<std::bitset<65536>> ports_;  // null: all
  DecodeStatistics statistics_;
  FragmentReassembly fragments_;
};

}  // namespace understudy
