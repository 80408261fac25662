// The network adapters of a Windows host with their addresses, from GetAdaptersAddresses. Windows only.
#pragma once

#include <string>
#include <vector>

#include "traffic/base/endpoint.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct AdapterAddress {
  IpAddress address;
  unsigned scope = 0;  // of a link-local IPv6 address: the adapter's number
};

struct Adapter {
  std::string guid;  // "{0A1B...}", as capture libraries name it
  std::string name;  // as the control panel shows it: "Ethernet 2"
  std::string description;
  std::vector<AdapterAddress> addresses;
  bool up = false;
  bool loopback = false;
  unsigned index = 0;
};

// All of them, with loopback. Thread safe. Errors: engine_missing when Windows cannot list them.
[[nodiscard]] Result<std::vector<Adapter>> list_adapters();

}  // namespace understudy
