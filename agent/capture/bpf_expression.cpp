#include "agent/capture/bpf_expression.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "agent/capture/link_type.hpp"

namespace understudy {
namespace {

// "(tcp port 80 or tcp portrange 8080-8082)": neighbours as a range, since each test costs instructions in the kernel.
std::string port_expression(std::vector<std::uint16_t> ports) {
  if (ports.empty()) {
    return "tcp";
  }
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  std::vector<std::string> terms;
  for (std::size_t first = 0; first < ports.size();) {
    std::size_t last = first;
    while (last + 1 < ports.size() && ports[last + 1] == ports[last] + 1) {
      ++last;
    }
    terms.push_back(first == last ? fmt::format("tcp port {}", ports[first])
                                  : fmt::format("tcp portrange {}-{}", ports[first], ports[last]));
    first = last + 1;
  }
  return fmt::format("({})", fmt::join(terms, " or "));
}

std::string address_expression(const std::vector<IpRange>& ranges) {
  std::vector<std::string> terms;
  terms.reserve(ranges.size());
  for (const IpRange& range : ranges) {
    const bool host = range.prefix_length == (range.base.is_v6 ? 128 : 32);
    terms.push_back(host ? fmt::format("host {}", range.base.to_string())
                         : fmt::format("net {}/{}", range.base.to_string(), range.prefix_length));
  }
  return fmt::format("({})", fmt::join(terms, " or "));
}

// The packets wanted, without regard to VLAN tags.
std::string untagged_expression(const PacketFilter& filter) {
  // Fragments but the first have no ports, and extension headers hide them: both pass, for decode to look at.
  const std::string_view fragments =
      filter.tunnels ? "(ip[6:2] & 0x1fff != 0)" : "(ip proto 6 and ip[6:2] & 0x1fff != 0)";
  const std::string_view extension_headers =
      "ip proto 51 or (ip6 and (ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 51 or ip6[6] = 60 or ip6[6] = "
      "135))";
  std::string expression = fmt::format("({} or {} or {})", port_expression(filter.ports), fragments, extension_headers);
  if (!filter.addresses.empty()) {
    expression = fmt::format("({} and {})", expression, address_expression(filter.addresses));
  }
  if (filter.tunnels) {
    // GRE, IPv4 and IPv6 in IP, EtherIP, MPLS in IP; VXLAN (three ports), Geneve, GTP-U, GRE and MPLS in UDP; MPLS and
    // PPPoE. As plain comparisons: the words `mpls`, `pppoes` and `geneve` would move the offsets of what follows.
    expression = fmt::format(
        "({} or ip proto 47 or ip6 proto 47 or ip proto 4 or ip6 proto 4 or ip proto 41 or ip6 proto 41 or ip proto 97"
        " or ip6 proto 97 or ip proto 137 or ip6 proto 137 or udp port 4789 or udp port 4790 or udp port 8472"
        " or udp port 6081 or udp port 2152 or udp port 4754 or udp port 6635"
        " or ether proto 0x8847 or ether proto 0x8864)",
        expression);
  }
  return expression;
}

}  // namespace

std::string bpf_expression(const PacketFilter& filter, LinkType link_type) {
  std::string untagged = untagged_expression(filter);
  switch (link_type) {
    case link_type::ethernet:
      // `vlan` moves the offsets of everything behind it by one tag, whatever the brackets say. So the untagged form
      // comes first and each further form stands behind one `vlan` more.
      return fmt::format("{0} or (vlan and ({0} or (vlan and {0})))", untagged);
    case link_type::linux_cooked:
    case link_type::linux_cooked_v2:
      // pcap-filter has no `vlan` here. The kernel has taken the outer tag off already; a frame with a second one
      // passes.
      return fmt::format("{} or ether proto 0x8100 or ether proto 0x88a8 or ether proto 0x9100", untagged);
    default: return untagged;
  }
}

}  // namespace understudy
