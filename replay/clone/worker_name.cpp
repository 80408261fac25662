#include "replay/clone/worker_name.hpp"

#include <fmt/format.h>

#include <random>

#include "traffic/base/host_name.hpp"

namespace understudy {

std::string worker_name() {
  const std::string host = host_name();
  return fmt::format("{}:{}:{:08x}", host.empty() ? "?" : host, process_id(), std::random_device()());
}

}  // namespace understudy
