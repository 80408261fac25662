// What tells one TCP flow from another, and its hash.
#pragma once

#include <cstdint>
#include <cstring>

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

    [[nodiscard]] static Side of(const Endpoint& endpoint) {
      Side side;
      std::memcpy(&side.address_high, endpoint.address.bytes.data(), 8);
      std::memcpy(&side.address_low, endpoint.address.bytes.data() + 8, 8);
      side.port_and_family = endpoint.port | (endpoint.address.is_v6 ? family_v6 : 0);
      return side;
    }
    static constexpr std::uint32_t family_v6 = 1u << 16;

    friend bool operator==(const Side&, const Side&) = default;
    [[nodiscard]] std::uint16_t port() const { return static_cast<std::uint16_t>(port_and_family); }
    [[nodiscard]] Endpoint endpoint() const;
  };

  Side first;
  Side second;
  std::uint32_t network = 0;

  [[nodiscard]] static FlowKey of(const TcpSegment& segment) {
    return {.first = Side::of(segment.source), .second = Side::of(segment.destination), .network = segment.network};
  }

  [[nodiscard]] bool same_way_as(const FlowKey& other) const {
    return first == other.first && second == other.second && network == other.network;
  }
  [[nodiscard]] bool reverse_of(const FlowKey& other) const {
    return first == other.second && second == other.first && network == other.network;
  }
};

// Hashes a key and its reverse to the same number. Keyed at random for each object, so that a sender of hostile packets
// cannot choose flows that collide.
class FlowHash {
 public:
  FlowHash();
  [[nodiscard]] std::uint64_t operator()(const FlowKey& key) const {
    // A sum does not depend on which side comes first. The network joins last: it is the same for both.
    return side(key.first) + side(key.second) + key.network * keys_[3];
  }

 private:
  // Words multiplied by secret odd numbers and summed (Carter and Wegman's multilinear hash), then every bit of the sum
  // made to matter in every bit of the result (the finalizer of MurmurHash3, public domain).
  [[nodiscard]] std::uint64_t side(const FlowKey::Side& from) const {
    std::uint64_t value =
        from.address_high * keys_[0] + from.address_low * keys_[1] + from.port_and_family * keys_[2] + addend_;
    value ^= value >> 33;
    value *= 0xff51afd7ed558ccdULL;
    value ^= value >> 33;
    value *= 0xc4ceb9fe1a85ec53ULL;
    value ^= value >> 33;
    return value;
  }

  std::uint64_t keys_[4];
  std::uint64_t addend_;
};

}  // namespace understudy
