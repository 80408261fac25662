#include "agent/capture/pcapng_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace understudy {
namespace {

constexpr std::uint32_t block_section_header = 0x0a0d0d0a;
constexpr std::uint32_t block_interface = 1;
constexpr std::uint32_t block_packet = 2;  // obsolete
constexpr std::uint32_t block_simple_packet = 3;
constexpr std::uint32_t block_enhanced_packet = 6;

constexpr std::size_t block_header_size = 8;   // type, total length
constexpr std::size_t block_overhead = 12;     // and the total length again
constexpr std::size_t interfaces_max = 65536;  // of a section

// How an interface counts time, from its options if_tsresol and if_tsoffset.
struct TimeScale {
  std::uint64_t units_per_second = 1'000'000;
  std::int64_t offset_seconds = 0;

  [[nodiscard]] WallTime time(std::uint64_t units) const {
    constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;
    constexpr std::uint64_t seconds_max = 9'000'000'000;  // keeps the sum within 64 bits
    const std::uint64_t seconds = std::min(units / units_per_second, seconds_max);
    const std::uint64_t rest = units % units_per_second;
    // 128 bits: a resolution may be as fine as 2^-63 s. One multiplication and division; common scales take neither.
    __extension__ using Wide = unsigned __int128;
    const std::uint64_t nanoseconds =
        units_per_second == 1'000'000 ? rest * 1000
        : units_per_second == nanoseconds_per_second
            ? rest
            : static_cast<std::uint64_t>(Wide{rest} * nanoseconds_per_second / units_per_second);
    const std::int64_t offset = std::clamp<std::int64_t>(offset_seconds, -100'000'000, 100'000'000);
    return WallTime(std::chrono::seconds(static_cast<std::int64_t>(seconds) + offset) +
                    Nanoseconds(static_cast<std::int64_t>(nanoseconds)));
  }
};

struct PcapngInterface {
  LinkType link_type = 1;
  std::uint32_t snap_length = 0;  // 0: no limit
  TimeScale scale;
};

// 10^n, or 2^n with the highest bit set; what 64 bits cannot hold is taken as the finest that they can.
std::uint64_t units_per_second(std::uint8_t resolution) {
  if ((resolution & 0x80) != 0) {
    return std::uint64_t{1} << std::min(resolution & 0x7f, 63);
  }
  std::uint64_t units = 1;
  for (int i = 0; i < std::min<int>(resolution, 19); ++i) {
    units *= 10;
  }
  return units;
}

class PcapngFormat final : public CaptureFormat {
 public:
  FormatProgress parse(ByteView buffer, std::uint64_t offset, PacketHandler& handler, std::size_t packets_max) override;
  std::uint64_t records_skipped() const override { return skipped_; }
  const FormatDamage* first_skipped() const override { return skipped_ > 0 ? &first_skipped_ : nullptr; }
  std::string name() const override { return "pcapng"; }

 private:
  // Sets the byte order of a section header, which may differ from the section's before.
  [[nodiscard]] bool read_byte_order(const std::uint8_t* magic);
  // True when it held a packet. `body` is between the two lengths.
  [[nodiscard]] bool read_block(std::uint32_t type, ByteView body, std::uint64_t offset, PacketHandler& handler);
  void read_interface(ByteView body, std::uint64_t offset);
  [[nodiscard]] bool read_timed_packet(std::uint32_t interface_id, ByteView body, std::uint64_t offset,
                                       PacketHandler& handler);
  [[nodiscard]] bool read_simple_packet(ByteView body, std::uint64_t offset, PacketHandler& handler);
  // A block that is damaged inside: told at the end of the file.
  bool skip(std::uint64_t offset, std::string what);

  FileIntegers integers_;
  std::vector<PcapngInterface> interfaces_;
  WallTime last_time_;
  std::uint64_t skipped_ = 0;
  FormatDamage first_skipped_;
};

bool PcapngFormat::skip(std::uint64_t offset, std::string what) {
  if (skipped_++ == 0) {
    first_skipped_ = {offset, std::move(what)};
  }
  return false;
}

bool PcapngFormat::read_byte_order(const std::uint8_t* magic) {
  constexpr std::uint32_t expected = 0x1a2b3c4d;
  for (const bool big_endian : {false, true}) {
    if (FileIntegers(big_endian).u32(magic) == expected) {
      integers_ = FileIntegers(big_endian);
      return true;
    }
  }
  return false;
}

void PcapngFormat::read_interface(ByteView body, std::uint64_t offset) {
  constexpr std::uint16_t option_end = 0;
  constexpr std::uint16_t option_resolution = 9;
  constexpr std::uint16_t option_offset = 14;
  // Interfaces are numbered by their order, so that one that cannot be read keeps its place.
  PcapngInterface interface;
  if (body.size() < 8) {
    skip(offset, "an interface description of less than 8 bytes");
  } else {
    interface.link_type = integers_.u16(body.data());
    interface.snap_length = integers_.u32(body.data() + 4);
    for (std::size_t at = 8; at + 4 <= body.size();) {
      const std::uint16_t option = integers_.u16(body.data() + at);
      const std::uint16_t length = integers_.u16(body.data() + at + 2);
      const std::uint8_t* value = body.data() + at + 4;
      if (option == option_end || at + 4 + length > body.size()) {
        break;
      }
      if (option == option_resolution && length == 1) {
        interface.scale.units_per_second = units_per_second(value[0]);
      } else if (option == option_offset && length == 8) {
        interface.scale.offset_seconds = static_cast<std::int64_t>(integers_.u64(value));
      }
      at += 4 + (std::size_t{length} + 3) / 4 * 4;
    }
  }
  if (interfaces_.size() < interfaces_max) {
    interfaces_.push_back(interface);
  }
}

bool PcapngFormat::read_timed_packet(std::uint32_t interface_id, ByteView body, std::uint64_t offset,
                                     PacketHandler& handler) {
  constexpr std::size_t header = 20;
  const std::uint32_t captured = integers_.u32(body.data() + 12);
  if (interface_id >= interfaces_.size()) {
    return skip(offset,
                fmt::format("a packet of interface {}, but only {} are described", interface_id, interfaces_.size()));
  }
  if (captured > body.size() - header) {
    return skip(offset, fmt::format("a packet claims {} captured bytes in a block that has room for {}", captured,
                                    body.size() - header));
  }
  const PcapngInterface& interface = interfaces_[interface_id];
  const std::uint64_t units = std::uint64_t{integers_.u32(body.data() + 4)} << 32 | integers_.u32(body.data() + 8);
  last_time_ = interface.scale.time(units);
  const std::uint32_t wire_length = std::max(captured, integers_.u32(body.data() + 16));
  handler.on_packet({body.subspan(header, captured), wire_length, interface.link_type, last_time_});
  return true;
}

bool PcapngFormat::read_simple_packet(ByteView body, std::uint64_t offset, PacketHandler& handler) {
  if (interfaces_.empty()) {
    return skip(offset, "a simple packet before any interface is described");
  }
  if (body.size() < 4) {
    return skip(offset, "a simple packet block without room for its length");
  }
  const PcapngInterface& interface = interfaces_.front();
  const std::uint32_t wire_length = integers_.u32(body.data());
  const std::uint32_t limit = interface.snap_length == 0 ? wire_length : std::min(interface.snap_length, wire_length);
  const std::size_t captured = std::min<std::size_t>(limit, body.size() - 4);
  // It has no time of its own; that of the packet before it keeps the order.
  handler.on_packet({body.subspan(4, captured), wire_length, interface.link_type, last_time_});
  return true;
}

bool PcapngFormat::read_block(std::uint32_t type, ByteView body, std::uint64_t offset, PacketHandler& handler) {
  switch (type) {
    case block_section_header: interfaces_.clear(); return false;
    case block_interface: read_interface(body, offset); return false;
    case block_simple_packet: return read_simple_packet(body, offset, handler);
    case block_packet:
    case block_enhanced_packet:
      if (body.size() < 20) {
        return skip(offset, "a packet block of less than 20 bytes");
      }
      return read_timed_packet(type == block_packet ? integers_.u16(body.data()) : integers_.u32(body.data()), body,
                               offset, handler);
    default: return false;  // names, statistics, secrets, blocks of others
  }
}

FormatProgress PcapngFormat::parse(ByteView buffer, std::uint64_t offset, PacketHandler& handler,
                                   std::size_t packets_max) {
  FormatProgress progress;
  const auto damaged = [&](std::string what) {
    progress.damage = FormatDamage{offset + progress.consumed, std::move(what)};
    return progress;
  };
  while (progress.packets < packets_max) {
    const ByteView rest = buffer.subspan(progress.consumed);
    if (rest.size() < block_overhead) {
      progress.needed = block_overhead;
      break;
    }
    // The section header's type reads the same in both byte orders; what follows its length tells which one it is.
    const std::uint32_t type = integers_.u32(rest.data());
    if (type == block_section_header && !read_byte_order(rest.data() + block_header_size)) {
      return damaged("a section header without its byte-order magic");
    }
    const std::uint32_t length = integers_.u32(rest.data() + 4);
    if (length < block_overhead || length % 4 != 0 || length > record_bytes_max) {
      return damaged(fmt::format("a block of type {:#x} claims a length of {} bytes", type, length));
    }
    if (rest.size() < length) {
      progress.needed = length;
      break;
    }
    if (integers_.u32(rest.data() + length - 4) != length) {
      return damaged(fmt::format("a block of type {:#x} names two different lengths, {} and {}", type, length,
                                 integers_.u32(rest.data() + length - 4)));
    }
    const ByteView body = rest.subspan(block_header_size, length - block_overhead);
    progress.packets += read_block(type, body, offset + progress.consumed, handler) ? 1U : 0U;
    progress.consumed += length;
  }
  return progress;
}

}  // namespace

std::unique_ptr<CaptureFormat> make_pcapng_format(ByteView start) {
  return load_be32(start.data()) == block_section_header ? std::make_unique<PcapngFormat>() : nullptr;
}

}  // namespace understudy
