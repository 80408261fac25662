#include "agent/capture/adapters_win32.hpp"

// In the order that these need.
// clang-format off
#include <winsock2.h>
#include <ws2tcpip.h>
#include <iphlpapi.h>
// clang-format on

#include <memory>

#include "traffic/base/windows_text.hpp"

namespace understudy {
namespace {

constexpr ULONG first_size = 16 * 1024;  // what the documentation of GetAdaptersAddresses advises
constexpr int attempts_max = 4;          // adapters may come while we look

std::vector<AdapterAddress> addresses_of(const IP_ADAPTER_ADDRESSES& adapter) {
  std::vector<AdapterAddress> addresses;
  for (const auto* unicast = adapter.FirstUnicastAddress; unicast != nullptr; unicast = unicast->Next) {
    const void* const socket_address = unicast->Address.lpSockaddr;
    const int family = unicast->Address.lpSockaddr->sa_family;
    if (family == AF_INET) {
      const auto* v4 = static_cast<const sockaddr_in*>(socket_address);
      addresses.push_back({IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&v4->sin_addr)), 0});
    } else if (family == AF_INET6) {
      const auto* v6 = static_cast<const sockaddr_in6*>(socket_address);
      addresses.push_back({IpAddress::v6(v6->sin6_addr.s6_addr), v6->sin6_scope_id});
    }
  }
  return addresses;
}

Adapter adapter_of(const IP_ADAPTER_ADDRESSES& from) {
  Adapter adapter;
  adapter.guid = from.AdapterName;
  adapter.name = to_narrow(from.FriendlyName);
  adapter.description = to_narrow(from.Description);
  adapter.addresses = addresses_of(from);
  adapter.up = from.OperStatus == IfOperStatusUp;
  adapter.loopback = from.IfType == IF_TYPE_SOFTWARE_LOOPBACK;
  adapter.index = from.IfIndex != 0 ? from.IfIndex : from.Ipv6IfIndex;
  return adapter;
}

}  // namespace

Result<std::vector<Adapter>> list_adapters() {
  constexpr ULONG flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
  ULONG size = first_size;
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    // As 64-bit words, since the list has pointers.
    const std::vector<std::uint64_t>::size_type words = (size + 7) / 8;
    std::vector<std::uint64_t> buffer(words);
    auto* const first = static_cast<IP_ADAPTER_ADDRESSES*>(static_cast<void*>(buffer.data()));
    const ULONG result = ::GetAdaptersAddresses(AF_UNSPEC, flags, nullptr, first, &size);
    if (result == ERROR_BUFFER_OVERFLOW) continue;
    std::vector<Adapter> adapters;
    if (result == ERROR_NO_DATA) return adapters;
    if (result != ERROR_SUCCESS) {
      return fail(ExitCode::engine_missing,
                  "cannot list the network adapters: GetAdaptersAddresses failed with " + std::to_string(result));
    }
    for (const auto* adapter = first; adapter != nullptr; adapter = adapter->Next) {
      adapters.push_back(adapter_of(*adapter));
    }
    return adapters;
  }
  return fail(ExitCode::engine_missing, "cannot list the network adapters: their number does not stop growing");
}

}  // namespace understudy
