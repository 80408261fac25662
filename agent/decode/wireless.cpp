#include "agent/decode/wireless.hpp"

#include "agent/decode/link_layer.hpp"

namespace understudy {
namespace {

constexpr std::size_t radiotap_header = 8;
constexpr std::uint8_t flag_data_pad = 0x20;

// Whether the 802.11 header is padded to 4 bytes, by radiotap's flags field. `header` is the whole radiotap header.
bool is_padded(ByteView header) {
  constexpr std::uint8_t has_timestamp = 0x01;
  constexpr std::uint8_t has_flags = 0x02;
  constexpr std::uint8_t has_more_words = 0x80;
  if ((header[4] & has_flags) == 0) {
    return false;
  }
  std::size_t at = radiotap_header;
  for (std::size_t word = 4; word + 4 <= header.size() && (header[word + 3] & has_more_words) != 0; word += 4) {
    at += 4;
  }
  if ((header[4] & has_timestamp) != 0) {
    at = (at + 7) / 8 * 8 + 8;
  }
  return at < header.size() && (header[at] & flag_data_pad) != 0;
}

Step decode_frame(const Layer& frame, bool padded) {
  if (frame.data.size() < 2) {
    return ended(PacketEnd::link_truncated);
  }
  const std::uint8_t type = frame.data[0];
  const std::uint8_t flags = frame.data[1];
  const bool data = (type & 0x0f) == 0x08 && (type & 0x40) == 0;  // type 2, version 0, and not a null function
  if (!data) {
    return ended(PacketEnd::not_ip);
  }
  const bool four_addresses = (flags & 0x03) == 0x03;
  const bool quality_of_service = (type & 0x80) != 0;
  const bool high_throughput_control = quality_of_service && (flags & 0x80) != 0;
  const std::size_t qos_at = 24 + (four_addresses ? 6U : 0U);
  std::size_t header = qos_at + (quality_of_service ? 2U : 0U) + (high_throughput_control ? 4U : 0U);
  header = padded ? (header + 3) / 4 * 4 : header;
  if (frame.data.size() < header) {
    return ended(PacketEnd::link_truncated);
  }
  if ((flags & 0x40) != 0) {
    return ended(PacketEnd::tunnel_encrypted);
  }
  const bool fragment = (flags & 0x04) != 0 || (frame.data[22] & 0x0f) != 0;
  const bool aggregate = quality_of_service && (frame.data[qos_at] & 0x80) != 0;
  return fragment || aggregate ? ended(PacketEnd::not_ip) : decode_llc(frame.skip(header));
}

}  // namespace

Step decode_radiotap(const Layer& packet) {
  if (packet.data.size() < radiotap_header) {
    return ended(PacketEnd::link_truncated);
  }
  const std::size_t length = packet.data[2] | static_cast<std::size_t>(packet.data[3]) << 8;
  if (packet.data[0] != 0 || length < radiotap_header) {
    return ended(PacketEnd::link_malformed);
  }
  if (length > packet.data.size()) {
    return ended(PacketEnd::link_truncated);
  }
  return decode_frame(packet.skip(length), is_padded(packet.data.first(length)));
}

Step decode_ieee80211(const Layer& frame) { return decode_frame(frame, false); }

}  // namespace understudy
