#include "agent/capture/npcap_devices_win32.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "agent/capture/adapters_win32.hpp"

namespace understudy {
namespace {

// As Npcap calls its loopback adapter since 0.9983: npcap.com/guide, "Npcap and loopback traffic".
constexpr std::string_view loopback_device = "\\Device\\NPF_Loopback";

// The adapter whose GUID the device's name ends with, or loopback.
const Adapter* adapter_of(const std::vector<Adapter>& adapters, std::string_view device, bool loopback) {
  const auto found = std::find_if(adapters.begin(), adapters.end(), [&](const Adapter& adapter) {
    return device.ends_with(adapter.guid) || (loopback && adapter.loopback);
  });
  return found == adapters.end() ? nullptr : &*found;
}

Interface interface_of(const pcap_if_t& device, const std::vector<Adapter>& adapters) {
  Interface interface;
  interface.device = device.name;
  interface.description = device.description == nullptr ? "" : device.description;
  interface.loopback = interface.device == loopback_device || (device.flags & PCAP_IF_LOOPBACK) != 0;
  const Adapter* const adapter = adapter_of(adapters, interface.device, interface.loopback);
  if (adapter == nullptr) {
    interface.name = interface.description.empty() ? interface.device : interface.description;
    interface.up = (device.flags & PCAP_IF_UP) != 0;
  } else {
    interface.name = adapter->name;
    interface.up = adapter->up;
    interface.index = adapter->index;
    for (const AdapterAddress& address : adapter->addresses) interface.addresses.push_back(address.address);
  }
  interface.running = interface.up;
  return interface;
}

}  // namespace

Result<std::vector<Interface>> list_npcap_devices(const NpcapLibrary& library) {
  const Result<std::vector<Adapter>> adapters = list_adapters();
  if (!adapters) return tl::unexpected(adapters.error());
  std::array<char, PCAP_ERRBUF_SIZE> message{};
  pcap_if_t* first = nullptr;
  const int status = library.functions().findalldevs(&first, message.data());
  std::vector<Interface> interfaces;
  for (const pcap_if_t* device = status == 0 ? first : nullptr; device != nullptr; device = device->next) {
    interfaces.push_back(interface_of(*device, *adapters));
  }
  if (first != nullptr) library.functions().freealldevs(first);
  if (interfaces.empty()) {
    return fail(ExitCode::capture_library,
                fmt::format("Npcap's library is there, but finds nothing to capture from{}{}; its driver may not run, "
                            "or the installation was left half done: look at 'sc query npcap', and install Npcap again",
                            message[0] == '\0' ? "" : ": ", message.data()));
  }
  return interfaces;
}

}  // namespace understudy
