#include "agent/decode/ppp.hpp"

#include "agent/decode/link_layer.hpp"

namespace understudy {

Step decode_ppp_numbered(const Layer& frame) {
  if (frame.data.empty()) {
    return ended(PacketEnd::link_truncated);
  }
  // RFC 1661 section 2: an odd first byte is a whole (compressed) number.
  const std::size_t size = (frame.data[0] & 1) != 0 ? 1 : 2;
  if (frame.data.size() < size) {
    return ended(PacketEnd::link_truncated);
  }
  const std::uint16_t number = size == 1 ? frame.data[0] : load_be16(frame.data.data());
  switch (number) {
    case 0x0021:
    case 0x0057: return go_on(Protocol::ip, frame.skip(size));
    case 0x0281:
    case 0x0283: return go_on(Protocol::mpls, frame.skip(size));
    default: return ended(PacketEnd::not_ip);
  }
}

Step decode_ppp(const Layer& frame) {
  constexpr std::uint8_t all_stations = 0xff;  // HDLC's address; no protocol number begins with it
  if (!frame.data.empty() && frame.data[0] == all_stations) {
    return frame.data.size() < 2 ? ended(PacketEnd::link_truncated) : decode_ppp_numbered(frame.skip(2));
  }
  return decode_ppp_numbered(frame);
}

Step decode_ppp_directed(const Layer& frame) {
  return frame.data.empty() ? ended(PacketEnd::link_truncated) : decode_ppp(frame.skip(1));
}

Step decode_pppoe(const Layer& packet) {
  constexpr std::size_t header = 6;
  if (packet.data.size() < header) {
    return ended(PacketEnd::link_truncated);
  }
  if (packet.data[0] != 0x11) {  // version 1, type 1
    return ended(PacketEnd::link_malformed);
  }
  if (packet.data[1] != 0) {
    return ended(PacketEnd::not_ip);
  }
  return decode_ppp_numbered(packet.skip(header).trim(load_be16(packet.data.data() + 4)));
}

Step decode_cisco_hdlc(const Layer& frame) {
  constexpr std::size_t header = 4;
  if (frame.data.size() < header) {
    return ended(PacketEnd::link_truncated);
  }
  return decode_ether_type(load_be16(frame.data.data() + 2), frame.skip(header));
}

}  // namespace understudy
