#include <fmt/format.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "agent/capture/packet_socket.hpp"

namespace understudy {
namespace {

std::uint64_t read_number(const std::string& path) {
  std::uint64_t value = 0;
  std::ifstream(path) >> value;
  return value;
}

}  // namespace

Result<void> join_fan_out(int descriptor, std::uint16_t group) {
  constexpr unsigned mode = PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG;
  const unsigned argument = group | (mode << 16);
  if (::setsockopt(descriptor, SOL_PACKET, PACKET_FANOUT, &argument, sizeof argument) == 0) {
    return {};
  }
  return fail(errno == EPERM ? ExitCode::permission : ExitCode::engine_missing,
              fmt::format("cannot share packets between workers (packet fan-out group {}): {}; run with one worker",
                          group, std::generic_category().message(errno)));
}

void ignore_outgoing(int descriptor) {
  const int on = 1;
  [[maybe_unused]] const int result = ::setsockopt(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
}

InterfaceState interface_state(const std::string& name) {
  InterfaceState state;
  state.index = ::if_nametoindex(name.c_str());
  const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    return state;
  }
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  if (::ioctl(descriptor, SIOCGIFFLAGS, &request) == 0) {
    state.up = (request.ifr_flags & IFF_UP) != 0;
    state.loopback = (request.ifr_flags & IFF_LOOPBACK) != 0;
  }
  ::close(descriptor);
  return state;
}

std::uint64_t interface_drops(const std::string& name) {
  const std::string folder = fmt::format("/sys/class/net/{}/statistics/", name);
  return read_number(folder + "rx_missed_errors") + read_number(folder + "rx_fifo_errors");
}

}  // namespace understudy
