// The network interfaces that can be captured from, for the doctor and for error messages.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/capture/packet.hpp"
#include "traffic/base/endpoint.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct Interface {
  std::string name;
  std::string device;       // what the capture library calls it where that is another name; else empty
  std::string description;  // may be empty
  std::vector<IpAddress> addresses;
  bool up = false;
  bool running = false;  // has a carrier
  bool loopback = false;
  unsigned index = 0;  // the kernel's number of it, as LINKTYPE_LINUX_SLL2 tells it; 0: the pseudo device
  bool any = false;    // the pseudo device that stands for all interfaces
  std::optional<LinkType> link_type;  // when asked for and it could be opened
  std::string open_error;             // why not, else empty
};

// Whether a user who writes `text` means this interface: its name, or its device in any case of letters.
[[nodiscard]] bool is_called(const Interface& interface, std::string_view text);

enum class ProbeLinkType : bool { no, yes };

// Only network interfaces (no USB, D-Bus or Bluetooth monitors). Opening them for their link type needs the permission
// to capture. Errors: engine_missing when the library cannot list at all.
[[nodiscard]] Result<std::vector<Interface>> list_interfaces(ProbeLinkType probe = ProbeLinkType::no);

// What captures: "libpcap version 1.10.3 (with TPACKET_V3)".
[[nodiscard]] std::string capture_library_version();

// "EN10MB (Ethernet)", or "link type 300" where libpcap has no name.
[[nodiscard]] std::string link_type_name(LinkType link_type);

}  // namespace understudy
