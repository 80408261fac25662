#include <algorithm>
#include <cstdio>

#include "tests/support/packet_builder.hpp"
#include "traffic/base/check.hpp"

namespace understudy {
namespace {

constexpr std::uint64_t nanoseconds_in_second = 1'000'000'000;

// Appends integers in the byte order of the file.
class Writer {
 public:
  explicit Writer(bool big_endian) : big_endian_(big_endian) {}

  template <typename Integer>
  Writer& put(Integer value) {
    for (std::size_t i = 0; i < sizeof(Integer); ++i) {
      const std::size_t shift = 8 * (big_endian_ ? sizeof(Integer) - 1 - i : i);
      bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> shift));
    }
    return *this;
  }
  Writer& put_bytes(const Bytes& more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
    return *this;
  }
  Writer& pad(std::size_t multiple) {
    bytes.resize((bytes.size() + multiple - 1) / multiple * multiple);
    return *this;
  }

  Bytes bytes;

 private:
  bool big_endian_;
};

void put_block(Writer& file, bool big_endian, std::uint32_t type, const Writer& body) {
  Writer padded(big_endian);
  padded.put_bytes(body.bytes).pad(4);
  const auto length = static_cast<std::uint32_t>(padded.bytes.size() + 12);
  file.put(type).put(length).put_bytes(padded.bytes).put(length);
}

std::uint64_t time_units(WallTime time, std::uint8_t resolution) {
  const auto nanoseconds = static_cast<std::uint64_t>(time.time_since_epoch().count());
  const std::uint64_t seconds = nanoseconds / nanoseconds_in_second;
  const std::uint64_t rest = nanoseconds % nanoseconds_in_second;
  std::uint64_t units = 1;
  if (resolution >= 0x80) {
    units <<= resolution & 0x7f;
  } else {
    for (int i = 0; i < resolution; ++i) {
      units *= 10;
    }
  }
  const long double fraction = static_cast<long double>(rest) * static_cast<long double>(units) /
                               static_cast<long double>(nanoseconds_in_second);
  return seconds * units + static_cast<std::uint64_t>(fraction);
}

std::uint32_t wire_length_of(const CapturedPacket& packet) { return packet.view().wire_length; }

}  // namespace

std::vector<CapturedPacket> ethernet_packets(const std::vector<TcpPacket>& packets) {
  std::vector<CapturedPacket> out;
  out.reserve(packets.size());
  for (const TcpPacket& packet : packets) {
    out.push_back({ethernet_frame(ip_packet(packet)), packet.time, 0, 1});
  }
  return out;
}

std::vector<CapturedPacket> ethernet_packets(const TcpConversation& conversation) {
  return ethernet_packets(conversation.packets());
}

std::vector<CapturedPacket> ethernet_packets(const std::vector<TcpConversation>& conversations) {
  std::vector<CapturedPacket> out;
  for (const TcpConversation& conversation : conversations) {
    for (CapturedPacket& packet : ethernet_packets(conversation)) {
      out.push_back(std::move(packet));
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const CapturedPacket& a, const CapturedPacket& b) { return a.time < b.time; });
  return out;
}

Bytes pcap_file(const std::vector<CapturedPacket>& packets, const PcapLayout& layout) {
  Writer file(layout.big_endian);
  const std::uint32_t link_type = packets.empty() ? 1 : packets.front().link_type;
  file.put(layout.nanoseconds ? 0xa1b23c4dU : 0xa1b2c3d4U);
  file.put(std::uint16_t{2}).put(std::uint16_t{4}).put(std::uint32_t{0}).put(std::uint32_t{0});
  file.put(std::uint32_t{262144}).put(link_type);
  for (const CapturedPacket& packet : packets) {
    CHECK(packet.link_type == link_type);
    const auto nanoseconds = static_cast<std::uint64_t>(packet.time.time_since_epoch().count());
    const std::uint64_t fraction = nanoseconds % nanoseconds_in_second;
    file.put(static_cast<std::uint32_t>(nanoseconds / nanoseconds_in_second));
    file.put(static_cast<std::uint32_t>(layout.nanoseconds ? fraction : fraction / 1000));
    file.put(static_cast<std::uint32_t>(packet.data.size())).put(wire_length_of(packet)).put_bytes(packet.data);
  }
  return file.bytes;
}

Bytes pcapng_file(const std::vector<CapturedPacket>& packets, const PcapngLayout& layout) {
  const bool big = layout.big_endian;
  Writer file(big);
  Writer section(big);
  section.put(0x1a2b3c4dU).put(std::uint16_t{1}).put(std::uint16_t{0}).put(~std::uint64_t{0});
  put_block(file, big, 0x0a0d0d0a, section);

  std::vector<LinkType> interfaces;
  for (const CapturedPacket& packet : packets) {
    auto found = std::find(interfaces.begin(), interfaces.end(), packet.link_type);
    if (found == interfaces.end()) {
      Writer interface(big);
      interface.put(packet.link_type).put(std::uint16_t{0}).put(std::uint32_t{262144});
      interface.put(std::uint16_t{9}).put(std::uint16_t{1}).put(layout.timestamp_resolution).pad(4);
      interface.put(std::uint32_t{0});
      put_block(file, big, 1, interface);
      found = interfaces.insert(interfaces.end(), packet.link_type);
    }
    const std::uint64_t time = time_units(packet.time, layout.timestamp_resolution);
    Writer block(big);
    block.put(static_cast<std::uint32_t>(found - interfaces.begin()));
    block.put(static_cast<std::uint32_t>(time >> 32)).put(static_cast<std::uint32_t>(time));
    block.put(static_cast<std::uint32_t>(packet.data.size())).put(wire_length_of(packet)).put_bytes(packet.data);
    put_block(file, big, 6, block);
  }
  return file.bytes;
}

void write_file(const std::string& path, const Bytes& bytes) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  CHECK(file != nullptr);
  CHECK(bytes.empty() || std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size());
  CHECK(std::fclose(file) == 0);
}

void write_pcap(const std::string& path, const std::vector<CapturedPacket>& packets) {
  write_file(path, pcap_file(packets));
}

}  // namespace understudy
