#include "agent/capture/interfaces.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <pcap.h>
#include <sys/socket.h>

#include <array>
#include <memory>

#include "agent/capture/link_type.hpp"
#include "agent/capture/packet_socket.hpp"
#include "agent/capture/pcap_handle.hpp"

namespace understudy {
namespace {

struct FreeDevices {
  void operator()(pcap_if_t* devices) const { ::pcap_freealldevs(devices); }
};
struct CloseHandle {
  void operator()(pcap_t* handle) const { ::pcap_close(handle); }
};

std::vector<IpAddress> addresses_of(const pcap_if_t& device) {
  std::vector<IpAddress> addresses;
  for (const pcap_addr* address = device.addresses; address != nullptr; address = address->next) {
    const sockaddr* generic = address->addr;
    if (generic == nullptr) {
      continue;
    }
    if (generic->sa_family == AF_INET) {
      const auto* v4 = reinterpret_cast<const sockaddr_in*>(reinterpret_cast<const void*>(generic));
      addresses.push_back(IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&v4->sin_addr)));
    } else if (generic->sa_family == AF_INET6) {
      const auto* v6 = reinterpret_cast<const sockaddr_in6*>(reinterpret_cast<const void*>(generic));
      addresses.push_back(IpAddress::v6(v6->sin6_addr.s6_addr));
    }
  }
  return addresses;
}

void probe_link_type(Interface& interface) {
  std::array<char, PCAP_ERRBUF_SIZE> message{};
  const std::unique_ptr<pcap_t, CloseHandle> handle(::pcap_create(interface.name.c_str(), message.data()));
  if (handle == nullptr) {
    interface.open_error = message.data();
    return;
  }
  constexpr int small_buffer = 1024 * 1024;
  ::pcap_set_buffer_size(handle.get(), small_buffer);
  if (const int status = ::pcap_activate(handle.get()); status < 0) {
    const std::string details = ::pcap_geterr(handle.get());
    interface.open_error = details.empty() ? ::pcap_statustostr(status) : details;
    return;
  }
  interface.link_type = link_type_of_dlt(::pcap_datalink(handle.get()));
}

}  // namespace

Result<std::vector<Interface>> list_interfaces(ProbeLinkType probe) {
  std::array<char, PCAP_ERRBUF_SIZE> message{};
  pcap_if_t* found = nullptr;
  if (::pcap_findalldevs(&found, message.data()) != 0) {
    return fail(ExitCode::engine_missing, fmt::format("cannot list network interfaces: {}", message.data()));
  }
  const std::unique_ptr<pcap_if_t, FreeDevices> devices(found);
  std::vector<Interface> interfaces;
  for (const pcap_if_t* device = found; device != nullptr; device = device->next) {
    Interface interface;
    interface.name = device->name;
    interface.any = interface.name == any_interface;
    interface.index = interface.any ? 0 : interface_state(interface.name).index;
    if (!interface.any && interface.index == 0) {
      continue;  // libpcap also lists USB, Bluetooth, netfilter and D-Bus monitors
    }
    interface.description = device->description == nullptr ? "" : device->description;
    interface.addresses = addresses_of(*device);
    interface.up = (device->flags & PCAP_IF_UP) != 0;
    interface.running = (device->flags & PCAP_IF_RUNNING) != 0;
    interface.loopback = (device->flags & PCAP_IF_LOOPBACK) != 0;
    if (probe == ProbeLinkType::yes) {
      probe_link_type(interface);
    }
    interfaces.push_back(std::move(interface));
  }
  return interfaces;
}

std::string capture_library_version() { return ::pcap_lib_version(); }

}  // namespace understudy
