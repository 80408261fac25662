#include "traffic/rules/self_traffic.hpp"

#include <fmt/format.h>

#include <random>

namespace understudy {

std::string make_instance_id() {
  std::random_device random;  // the kernel's generator: two agents that start together differ
  return fmt::format("{:08x}{:08x}", random(), random());
}

bool is_own(const HttpMessage& request) { return request.field(mirrored_header).has_value(); }

}  // namespace understudy
