#include "agent/capture/pcap_format.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy {
namespace {

constexpr std::size_t file_header_size = 24;
constexpr std::size_t record_header_size = 16;
constexpr std::size_t modified_record_header_size = 24;
// What writers use as the largest snap length, whatever the file's header says.
constexpr std::uint32_t captured_length_max = 262144;

class PcapFormat final : public CaptureFormat {
 public:
  PcapFormat(bool big_endian, bool nanoseconds, bool modified)
      : integers_(big_endian),
        nanoseconds_per_unit_(nanoseconds ? 1 : 1000),
        record_header_size_(modified ? modified_record_header_size : record_header_size) {}

  FormatProgress parse(ByteView buffer, std::uint64_t offset, PacketHandler& handler, std::size_t packets_max) override;

  std::string name() const override { return nanoseconds_per_unit_ == 1 ? "pcap (nanoseconds)" : "pcap"; }

 private:
  void read_file_header(const std::uint8_t* at) {
    captured_max_ = std::clamp<std::uint32_t>(integers_.u32(at + 16), captured_length_max, record_bytes_max);
    // The upper bits tell the length of a frame check sequence.
    link_type_ = static_cast<LinkType>(integers_.u32(at + 20));
  }

  const FileIntegers integers_;
  const std::uint32_t nanoseconds_per_unit_;
  const std::size_t record_header_size_;
  bool file_header_read_ = false;
  std::uint32_t captured_max_ = captured_length_max;
  LinkType link_type_ = 1;
};

FormatProgress PcapFormat::parse(ByteView buffer, std::uint64_t offset, PacketHandler& handler,
                                 std::size_t packets_max) {
  FormatProgress progress;
  if (!file_header_read_) {
    if (buffer.size() < file_header_size) {
      progress.needed = file_header_size;
      return progress;
    }
    read_file_header(buffer.data());
    file_header_read_ = true;
    progress.consumed = file_header_size;
  }
  while (progress.packets < packets_max) {
    const ByteView rest = buffer.subspan(progress.consumed);
    if (rest.size() < record_header_size_) {
      progress.needed = record_header_size_;
      break;
    }
    const std::uint32_t captured = integers_.u32(rest.data() + 8);
    if (captured > captured_max_) {
      progress.damage = FormatDamage{
          offset + progress.consumed,
          fmt::format("a record claims {} captured bytes, more than the {} there can be", captured, captured_max_)};
      break;
    }
    if (rest.size() < record_header_size_ + captured) {
      progress.needed = record_header_size_ + captured;
      break;
    }
    const Nanoseconds time = std::chrono::seconds(integers_.u32(rest.data())) +
                             Nanoseconds(std::int64_t{integers_.u32(rest.data() + 4)} * nanoseconds_per_unit_);
    const std::uint32_t wire_length = std::max(captured, integers_.u32(rest.data() + 12));
    handler.on_packet({rest.subspan(record_header_size_, captured), wire_length, link_type_, WallTime(time)});
    progress.consumed += record_header_size_ + captured;
    ++progress.packets;
  }
  return progress;
}

}  // namespace

std::unique_ptr<CaptureFormat> make_pcap_format(ByteView start) {
  for (const bool big_endian : {false, true}) {
    switch (FileIntegers(big_endian).u32(start.data())) {
      case 0xa1b2c3d4: return std::make_unique<PcapFormat>(big_endian, false, false);
      case 0xa1b23c4d: return std::make_unique<PcapFormat>(big_endian, true, false);
      case 0xa1b2cd34: return std::make_unique<PcapFormat>(big_endian, false, true);
      default: break;
    }
  }
  return nullptr;
}

}  // namespace understudy
