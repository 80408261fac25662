#include "agent/check/host_checks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

#include "agent/check/offload.hpp"
#include "agent/safety/socket_table.hpp"

namespace understudy {
namespace {

// IP's largest datagram, and room for link layer headers and tags.
constexpr int whole_segment = 65'535 + 64;

bool is_wanted(const Interface& interface, const std::vector<std::string>& wanted) {
  return wanted.empty() ||
         std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) { return is_called(interface, name); });
}

std::string describe(const Interface& interface) {
  std::string text = interface.name;
  text += interface.up ? (interface.running ? ", up" : ", up without carrier") : ", down";
  if (interface.link_type) text += ", " + link_type_name(*interface.link_type);
  if (!interface.open_error.empty()) text += ", cannot be captured from: " + interface.open_error;
  for (const IpAddress& address : interface.addresses) text += ", " + address.to_string();
  return text;
}

}  // namespace

std::vector<Interface> captured_interfaces(const std::vector<Interface>& listed,
                                           const std::vector<std::string>& wanted) {
  std::vector<Interface> result;
  for (const Interface& interface : listed) {
    if (!interface.any && is_wanted(interface, wanted)) result.push_back(interface);
  }
  return result;
}

CheckItem check_interfaces(const Result<std::vector<Interface>>& listed, const std::vector<std::string>& wanted) {
  CheckItem item;
  item.name = "interfaces";
  if (!listed) {
    item.status = CheckStatus::failed;
    item.found = listed.error().message;
    return item;
  }
  for (const Interface& interface : *listed) {
    if (!interface.any) item.details.push_back(describe(interface));
  }
  std::vector<std::string> missing;
  std::vector<std::string> down;
  for (const std::string& name : wanted) {
    const auto found =
        std::find_if(listed->begin(), listed->end(), [&](const Interface& i) { return is_called(i, name); });
    if (found == listed->end()) {
      missing.push_back(name);
    } else if (!found->any && !found->up) {
      down.push_back(name);
    }
  }
  if (!missing.empty()) {
    item.status = CheckStatus::failed;
    item.found = fmt::format("there is no interface {}", fmt::join(missing, ", "));
    item.advice = "name one of these with --interface, or leave the option out to capture from all";
  } else if (!down.empty()) {
    item.status = CheckStatus::warning;
    item.found = fmt::format("{} is down", fmt::join(down, ", "));
    item.advice = "the agent captures as soon as it is up";
  } else {
    item.found =
        wanted.empty() ? "captures from all of them" : fmt::format("captures from {}", fmt::join(wanted, ", "));
  }
  return item;
}

CheckItem check_sockets(const std::vector<std::uint16_t>& ports) {
  CheckItem item;
  item.name = "sockets";
  const Result<PortSockets> sockets = read_port_sockets(ports);
  if (!sockets) {
    item.status = CheckStatus::warning;
    item.found = sockets.error().message;
    return item;
  }
  const std::string port_list = fmt::format("{}", fmt::join(ports, ", "));
  if (sockets->listening.empty()) {
    item.status = CheckStatus::warning;
    item.found = fmt::format("nothing listens on port {} on this host, or in this network namespace; {} connections",
                             port_list, sockets->established);
    item.advice =
        "if the service runs in a container, run the agent in its network namespace, or capture on the host's "
        "bridge; if it runs elsewhere, the packets must pass an interface of this host";
    return item;
  }
  std::vector<std::string> addresses;
  for (const IpAddress& address : sockets->listening) addresses.push_back(address.to_string());
  item.found = fmt::format("port {} is listened on at {}; {}{} connections", port_list, fmt::join(addresses, ", "),
                           sockets->complete ? "" : "at least ", sockets->established);
  return item;
}

CheckItem check_offload(const std::vector<Interface>& captured, int snap_length) {
  CheckItem item;
  item.name = "offload";
  bool joined = false;
  unsigned largest_mtu = 0;
  for (const Interface& interface : captured) {
    if (!interface.up) continue;
    const std::optional<OffloadSettings> settings = offload_settings(interface.name);
    if (!settings) continue;
    joined = joined || settings->segmentation || settings->receive;
    largest_mtu = std::max(largest_mtu, settings->mtu);
    item.details.push_back(fmt::format("{}: MTU {}, sending {} (TSO, GSO), receiving {} (GRO, LRO)", interface.name,
                                       settings->mtu, settings->segmentation ? "offloaded" : "not offloaded",
                                       settings->receive ? "joined" : "not joined"));
  }
  // What no interface tells is taken to be joined.
  joined = joined || item.details.empty();
  const int needed = joined ? whole_segment : std::min(whole_segment, static_cast<int>(largest_mtu) + 64);
  if (snap_length < needed) {
    item.status = CheckStatus::warning;
    item.found = fmt::format("the snap length of {} bytes cuts packets: up to {} bytes are captured at once here",
                             snap_length, needed);
    item.advice = "leave --snap-length at its default; requests in cut packets are lost";
    return item;
  }
  item.found = fmt::format("packets are captured whole: snap length {}{}", snap_length,
                           joined ? ", enough for joined segments" : "");
  return item;
}

}  // namespace understudy
