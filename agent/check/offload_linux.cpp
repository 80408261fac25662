#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include "agent/check/offload.hpp"

namespace understudy {
namespace {

ifreq request_for(const std::string& interface) {
  ifreq request{};
  std::memcpy(request.ifr_name, interface.data(), interface.size());
  return request;
}

// ethtool's older commands for one value; they need no privilege, and every kernel has them.
std::uint32_t read_value(int socket, const std::string& interface, std::uint32_t command) {
  ethtool_value value{};
  value.cmd = command;
  ifreq request = request_for(interface);
  request.ifr_data = reinterpret_cast<char*>(&value);
  return ::ioctl(socket, SIOCETHTOOL, &request) == 0 ? value.data : 0;
}

}  // namespace

std::optional<OffloadSettings> offload_settings(const std::string& interface) {
  if (interface.size() >= IFNAMSIZ) return std::nullopt;
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return std::nullopt;
  std::optional<OffloadSettings> settings;
  ifreq request = request_for(interface);
  if (::ioctl(socket, SIOCGIFMTU, &request) == 0) {
    settings.emplace();
    settings->mtu = static_cast<unsigned>(request.ifr_mtu);
    settings->segmentation =
        read_value(socket, interface, ETHTOOL_GTSO) != 0 || read_value(socket, interface, ETHTOOL_GGSO) != 0;
    settings->receive = read_value(socket, interface, ETHTOOL_GGRO) != 0 ||
                        (read_value(socket, interface, ETHTOOL_GFLAGS) & ETH_FLAG_LRO) != 0;
  }
  ::close(socket);
  return settings;
}

}  // namespace understudy
