// What tells one TCP flow from another, and its hash.
#pragma once

#include <cstdint>

#include "agent/decode/segment.hpp"
#include "traffic/base/endpoint.hpp"

namespace understudy {

// Two endpoints and the virtual network they are in, packed for comparison. `first` is the side that sent the segment
// the key was made from, so the two directions of a flow have keys that are each other's reverse.
struct FlowKey {
  struct Side {
    std::uint64_t address_high = 0;
    std::uint64_t address_low = 0;
    std::uint32_t port_and_family = 0;  // port, and bit 16 for IPv6

    friend bool operator==(const Side&, const Side&) = default;
    [[nodiscard]] std::uint16_t port() const { return static_cast<std::uint16_t>(port_and_family); }
    [[nodiscard]] Endpoint endpoint() const;
  };

  Side first;
  Side second;
  std::uint32_t network = 0;

  [[nodiscard]] static FlowKey of(const TcpSegment& segment);

  [[nodiscard]] bool same_way_as(const FlowKey& other) const {
    return first == other.first && second == other.second && network == other.network;
  }
  [[nodiscard]] bool reverse_of(const FlowKey& other) const {
    return first == other.second && second == other.first && network == other.network;
  }
};

// Hashes a key and its reverse to the same number. Seeded at random for each object, so that a sender of hostile
// packets cannot choose flows that collide.
class FlowHash {
 public:
  FlowHash();
  [[nodiscard]] std::uint64_t operator()(const FlowKey& key) const;

 private:
  std::uint64_t seed_[4];
};

}  // namespace understudy
