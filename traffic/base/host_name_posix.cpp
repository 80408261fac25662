#include <unistd.h>

#include <array>

#include "traffic/base/host_name.hpp"

namespace understudy {

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

std::uint32_t process_id() { return static_cast<std::uint32_t>(::getpid()); }

}  // namespace understudy
