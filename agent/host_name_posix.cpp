#include <unistd.h>

#include <array>

#include "agent/host_name.hpp"

namespace understudy {

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

}  // namespace understudy
