#include "agent/decode/decoder.hpp"

#include <algorithm>
#include <array>
#include <new>

#include "agent/decode/ip.hpp"
#include "agent/decode/link_layer.hpp"
#include "agent/decode/ppp.hpp"
#include "agent/decode/tcp.hpp"
#include "agent/decode/tunnel.hpp"
#include "agent/decode/wireless.hpp"

namespace understudy {
namespace {

// Layers of one packet. A VXLAN mirror of VXLAN inside GRE has about ten.
constexpr int layers_max = 24;

std::unique_ptr<std::bitset<65536>> port_set(const std::vector<std::uint16_t>& ports) {
  if (ports.empty()) {
    return nullptr;
  }
  auto set = std::make_unique<std::bitset<65536>>();
  for (const std::uint16_t port : ports) {
    set->set(port);
  }
  return set;
}

}  // namespace

Decoder::Decoder(const DecodeOptions& options, SegmentHandler& handler)
    : options_(options),
      handler_(handler),
      ports_(port_set(options.ports)),
      fragments_(options.fragments, statistics_) {}

void Decoder::on_packet(const PacketView& packet) {
  statistics_.packets.add();
  statistics_.bytes.add(packet.data.size());
  PacketPath path;
  path.time = packet.time;
  // Two places in turn, each built where it is used: to copy a Step whose fields have just been written costs more than
  // a whole layer does, because narrow stores are not forwarded to wide loads.
  std::array<Step, 2> steps = {enter_link(packet), Step{}};
  Step* step = &steps[0];
  for (int layers = 1; step->next != Protocol::tcp && step->next != Protocol::ended; ++layers) {
    const Step& last = *step;
    step = &steps[static_cast<std::size_t>(layers % 2)];
    ::new (step) Step(layers <= layers_max ? next_step(last, path) : ended(PacketEnd::tunnel_too_deep));
  }
  if (const auto end = step->next == Protocol::tcp ? finish(step->rest, path) : std::optional(step->end)) {
    statistics_.ends[static_cast<std::size_t>(*end)].add();
  }
  fragments_.release();
}

Step Decoder::next_step(const Step& step, PacketPath& path) {
  const Layer& rest = step.rest;
  switch (step.next) {
    case Protocol::ethernet: return decode_ethernet(rest);
    case Protocol::ip: return decode_ip(rest, path, fragments_);
    case Protocol::linux_cooked: return decode_linux_cooked(rest);
    case Protocol::linux_cooked_v2: return decode_linux_cooked_v2(rest);
    case Protocol::bsd_loopback: return decode_bsd_loopback(rest);
    case Protocol::nflog: return decode_nflog(rest);
    case Protocol::ppp: return decode_ppp(rest);
    case Protocol::ppp_directed: return decode_ppp_directed(rest);
    case Protocol::pppoe: return decode_pppoe(rest);
    case Protocol::cisco_hdlc: return decode_cisco_hdlc(rest);
    case Protocol::radiotap: return decode_radiotap(rest);
    case Protocol::ieee80211: return decode_ieee80211(rest);
    case Protocol::mpls: return decode_mpls(rest);
    default: return options_.tunnels ? next_tunnel(step, path) : ended(PacketEnd::not_tcp);
  }
}

Step Decoder::next_tunnel(const Step& step, PacketPath& path) {
  const Layer& rest = step.rest;
  switch (step.next) {
    case Protocol::ip_in_ip: return decode_ip(rest, path, fragments_);
    case Protocol::ethernet_in_ip: return decode_ethernet_in_ip(rest);
    case Protocol::udp: return decode_udp(rest);
    case Protocol::gre: return decode_gre(rest);
    case Protocol::erspan2: return decode_erspan2(rest);
    case Protocol::erspan3: return decode_erspan3(rest);
    case Protocol::vxlan: return decode_vxlan(rest, path);
    case Protocol::vxlan_gpe: return decode_vxlan_gpe(rest, path);
    case Protocol::geneve: return decode_geneve(rest, path);
    case Protocol::gtp_u: return decode_gtp_u(rest);
    default: return ended(PacketEnd::not_ip);
  }
}

bool Decoder::is_wanted(const TcpSegment& segment) const {
  if (ports_ != nullptr && !(*ports_)[segment.source.port] && !(*ports_)[segment.destination.port]) {
    return false;
  }
  return options_.addresses.empty() ||
         std::any_of(options_.addresses.begin(), options_.addresses.end(), [&](const IpRange& range) {
           return range.contains(segment.source.address) || range.contains(segment.destination.address);
         });
}

std::optional<PacketEnd> Decoder::finish(const Layer& rest, const PacketPath& path) {
  TcpSegment segment;
  if (const auto end = decode_tcp(rest, path, segment)) {
    return end;
  }
  if (!is_wanted(segment)) {
    return PacketEnd::other_port;
  }
  // What was cut cannot be verified, and is told as missing instead.
  if (options_.verify_tcp_checksum && segment.missing == 0 && !tcp_checksum_is_right(rest, path)) {
    return PacketEnd::tcp_checksum;
  }
  statistics_.segments.add();
  if (segment.missing > 0) {
    statistics_.segments_cut.add();
  }
  handler_.on_segment(segment);
  return std::nullopt;
}

}  // namespace understudy
