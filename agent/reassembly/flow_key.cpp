#include "agent/reassembly/flow_key.hpp"

#include <cstring>
#include <random>

namespace understudy {
namespace {

constexpr std::uint32_t family_v6 = 1u << 16;

FlowKey::Side pack(const Endpoint& endpoint) {
  FlowKey::Side side;
  std::memcpy(&side.address_high, endpoint.address.bytes.data(), 8);
  std::memcpy(&side.address_low, endpoint.address.bytes.data() + 8, 8);
  side.port_and_family = endpoint.port | (endpoint.address.is_v6 ? family_v6 : 0);
  return side;
}

// The finalizer of MurmurHash3 (public domain): every input bit changes every output bit with probability 1/2.
constexpr std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdULL;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53ULL;
  value ^= value >> 33;
  return value;
}

}  // namespace

Endpoint FlowKey::Side::endpoint() const {
  Endpoint result;
  std::memcpy(result.address.bytes.data(), &address_high, 8);
  std::memcpy(result.address.bytes.data() + 8, &address_low, 8);
  result.address.is_v6 = (port_and_family & family_v6) != 0;
  result.port = port();
  return result;
}

FlowKey FlowKey::of(const TcpSegment& segment) {
  return {.first = pack(segment.source), .second = pack(segment.destination), .network = segment.network};
}

FlowHash::FlowHash() {
  std::random_device random;
  for (std::uint64_t& seed : seed_) {
    seed = (std::uint64_t{random()} << 32) | random();
  }
}

std::uint64_t FlowHash::operator()(const FlowKey& key) const {
  // Each word meets a secret before it is mixed, and a sum does not depend on which side comes first.
  const auto side = [this](const FlowKey::Side& from) {
    const std::uint64_t high = mix(from.address_high ^ seed_[0]);
    return mix(high + (from.address_low ^ seed_[1]) + (seed_[2] ^ (std::uint64_t{from.port_and_family} << 20)));
  };
  return mix(side(key.first) + side(key.second) + (key.network ^ seed_[3]));
}

}  // namespace understudy
