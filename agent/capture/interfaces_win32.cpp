#include <pcap.h>

#include <algorithm>
#include <memory>

#include "agent/capture/adapters_win32.hpp"
#include "agent/capture/interfaces.hpp"
#include "agent/capture/npcap_devices_win32.hpp"
#include "agent/capture/npcap_handle_win32.hpp"

namespace understudy {
namespace {

constexpr std::size_t small_buffer = 1024 * 1024;

Interface interface_of(const Adapter& adapter) {
  Interface interface;
  interface.name = adapter.name;
  interface.device = adapter.guid;
  interface.description = adapter.description;
  for (const AdapterAddress& address : adapter.addresses) interface.addresses.push_back(address.address);
  interface.up = adapter.up;
  interface.running = adapter.up;
  interface.loopback = adapter.loopback;
  interface.index = adapter.index;
  return interface;
}

void probe_link_type(const std::shared_ptr<const NpcapLibrary>& library, Interface& interface) {
  LiveOptions options;
  options.buffer_bytes = small_buffer;
  const Result<std::unique_ptr<NpcapHandle>> handle = NpcapHandle::open(library, interface, options);
  if (handle) {
    interface.link_type = (*handle)->link_type();
  } else {
    interface.open_error = handle.error().message;  // "cannot capture on 'eth0': that device is not up"
    const std::size_t reason = interface.open_error.find("': ");
    if (reason != std::string::npos) interface.open_error.erase(0, reason + 3);
  }
}

}  // namespace

// Windows' adapters; with Npcap its names for them, and what it captures from besides.
Result<std::vector<Interface>> list_interfaces(ProbeLinkType probe) {
  const Result<std::vector<Adapter>> adapters = list_adapters();
  if (!adapters) return tl::unexpected(adapters.error());
  std::vector<Interface> interfaces;
  for (const Adapter& adapter : *adapters) interfaces.push_back(interface_of(adapter));
  const Result<std::shared_ptr<const NpcapLibrary>> library = NpcapLibrary::load();
  if (!library) return interfaces;
  Result<std::vector<Interface>> devices = list_npcap_devices(**library);
  if (!devices) return interfaces;
  for (Interface& device : *devices) {
    if (probe == ProbeLinkType::yes) probe_link_type(*library, device);
    const auto same = [&](const Interface& interface) { return interface.name == device.name; };
    const auto known = std::find_if(interfaces.begin(), interfaces.end(), same);
    if (known == interfaces.end()) {
      interfaces.push_back(std::move(device));
    } else {
      *known = std::move(device);
    }
  }
  return interfaces;
}

std::string capture_library_version() { return ::pcap_lib_version(); }

}  // namespace understudy
