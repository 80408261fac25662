#include "agent/reassembly/flow_key.hpp"

#include <random>

namespace understudy {

Endpoint FlowKey::Side::endpoint() const {
  Endpoint result;
  std::memcpy(result.address.bytes.data(), &address_high, 8);
  std::memcpy(result.address.bytes.data() + 8, &address_low, 8);
  result.address.is_v6 = (port_and_family & family_v6) != 0;
  result.port = port();
  return result;
}

FlowHash::FlowHash() {
  std::random_device random;
  const auto draw = [&random] { return (std::uint64_t{random()} << 32) | random(); };
  for (std::uint64_t& key : keys_) {
    key = draw() | 1;
  }
  addend_ = draw();
}

}  // namespace understudy
