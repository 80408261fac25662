#include "agent/capture/pktmon_format.hpp"

#include "agent/capture/link_type.hpp"

namespace understudy {
namespace {

constexpr std::size_t packed_size = 40;
constexpr std::size_t aligned_size = 48;
constexpr std::size_t packet_type_at = 14;  // the same in both

// Behind seven 16-bit members from 8 on: DropReason (32 bits), DropLocation (32), Processor (16), TimeStamp (64).
struct Layout {
  std::size_t drop_reason_at = 0;
  std::size_t time_at = 0;
};
constexpr Layout packed{22, 32};
constexpr Layout aligned{24, 40};

// PKTMON_PACKET_TYPE
constexpr std::uint16_t type_ethernet = 1;
constexpr std::uint16_t type_ip = 3;

// From 1601-01-01 to 1970-01-01 in the 100 ns of Windows.
constexpr std::int64_t unix_epoch = 116'444'736'000'000'000;
constexpr std::int64_t nanoseconds_per_tick = 100;

// Little endian, as every Windows is.
std::uint64_t load_le(const std::uint8_t* from, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i > 0; --i) value = value << 8 | from[i - 1];
  return value;
}

std::optional<Layout> layout_of(std::size_t size) {
  if (size == packed_size) return packed;
  return size >= aligned_size ? std::optional(aligned) : std::nullopt;
}

WallTime wall_time(std::uint64_t ticks) {
  // A time before 1970 or beyond what nanoseconds hold is none.
  const std::int64_t since_epoch = static_cast<std::int64_t>(ticks) - unix_epoch;
  constexpr std::int64_t ticks_max = INT64_MAX / nanoseconds_per_tick;
  if (since_epoch < 0 || since_epoch > ticks_max) return WallTime{};
  return WallTime(Nanoseconds(since_epoch * nanoseconds_per_tick));
}

}  // namespace

std::optional<PktmonPacket> read_pktmon_packet(ByteView buffer, const PktmonDescriptor& descriptor) {
  const std::size_t metadata_at = descriptor.metadata_offset;
  const std::size_t packet_at = descriptor.packet_offset;
  if (packet_at > buffer.size() || descriptor.packet_length > buffer.size() - packet_at) return std::nullopt;
  const std::size_t metadata_end = packet_at > metadata_at ? packet_at : buffer.size();
  if (metadata_at > metadata_end) return std::nullopt;
  const std::optional<Layout> layout = layout_of(metadata_end - metadata_at);
  if (!layout) return std::nullopt;
  const std::uint8_t* const metadata = buffer.data() + metadata_at;

  const std::uint64_t type = load_le(metadata + packet_type_at, sizeof(std::uint16_t));
  if (type != type_ethernet && type != type_ip) return std::nullopt;
  PktmonPacket packet;
  packet.view.data = buffer.subspan(packet_at, descriptor.packet_length);
  packet.view.wire_length = descriptor.packet_length;  // that it was cut shows in IP's own length
  packet.view.link_type = type == type_ethernet ? link_type::ethernet : link_type::raw_ip;
  packet.view.time = wall_time(load_le(metadata + layout->time_at, sizeof(std::uint64_t)));
  packet.was_dropped = load_le(metadata + layout->drop_reason_at, sizeof(std::uint32_t)) != 0;
  return packet;
}

}  // namespace understudy
