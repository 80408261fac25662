// Recognises a packet that was seen a moment ago at another place of the same host.
//
// Some engines show a packet once for each place that it passes: pktmon for each component of the network stack, raw
// sockets for each of two local addresses that talk with each other. Reassembly would take the copies for
// retransmissions, which is right, but costs the work and spoils the counts.
//
// A packet is known by what stays the same on its way: addresses, protocol, identification and fragment offset of IPv4,
// and the first 16 bytes behind the IP header (of TCP: ports, sequence numbers, flags, window), but neither TTL nor any
// checksum. A later packet with all of this is a copy or a retransmission of what was seen already, so that nothing is
// lost with it. Packets with the same content but without IP are never taken for copies.
//
// Thread safety: one thread. Never allocates after construction: 8192 packets in 128 KiB are remembered.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/capture/packet.hpp"

namespace understudy {

class DuplicateFilter {
 public:
  // A copy comes within `window` of the first. `seed` is random, so that nobody on the wire can find two packets that
  // are taken for each other.
  DuplicateFilter(Nanoseconds window, std::uint64_t seed);

  // Whether such a packet was seen within the window; else it is remembered. Ethernet (with VLAN tags) and raw IP are
  // understood; anything else is never a duplicate.
  [[nodiscard]] bool is_duplicate(const PacketView& packet);

 private:
  struct Entry {
    std::uint64_t fingerprint = 0;
    WallTime time = WallTime::min();
  };
  [[nodiscard]] std::optional<std::uint64_t> fingerprint(const PacketView& packet) const;

  const Nanoseconds window_;
  const std::uint64_t seed_;
  std::vector<Entry> entries_;  // buckets of two
};

}  // namespace understudy
