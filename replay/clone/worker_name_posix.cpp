#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <random>

#include "replay/clone/worker_name.hpp"

namespace understudy {

std::string worker_name() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
  return fmt::format("{}:{}:{:08x}", host.data(), ::getpid(), std::random_device()());
}

}  // namespace understudy
