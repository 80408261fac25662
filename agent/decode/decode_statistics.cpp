#include "agent/decode/decode_statistics.hpp"

namespace understudy {
namespace {

constexpr std::array<std::string_view, packet_end_count> names = {
    "not_ip",
    "not_tcp",
    "other_port",
    "fragment_held",
    "fragment_duplicate",
    "link_type_unknown",
    "link_truncated",
    "link_malformed",
    "ip_truncated",
    "ip_malformed",
    "tcp_truncated",
    "tcp_malformed",
    "tcp_checksum",
    "tunnel_truncated",
    "tunnel_malformed",
    "tunnel_too_deep",
    "tunnel_encrypted",
    "fragment_malformed",
    "fragment_limit",
};

}  // namespace

std::string_view to_string(PacketEnd end) { return names[static_cast<std::size_t>(end)]; }

bool is_problem(PacketEnd end) { return end >= PacketEnd::link_type_unknown; }

std::uint64_t DecodeStatistics::problems() const {
  std::uint64_t sum = 0;
  for (std::size_t i = static_cast<std::size_t>(PacketEnd::link_type_unknown); i < packet_end_count; ++i) {
    sum += ends[i].value();
  }
  return sum;
}

}  // namespace understudy
