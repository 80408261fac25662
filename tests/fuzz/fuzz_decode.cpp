// Packets from bytes: the input is cut into packets by a length of two bytes each; the first byte chooses the link
// type.
#include <algorithm>
#include <iterator>

#include "agent/decode/decoder.hpp"
#include "traffic/base/check.hpp"

namespace {

using namespace understudy;

class PayloadReader final : public SegmentHandler {
 public:
  void on_segment(const TcpSegment& segment) override {
    for (const std::uint8_t byte : segment.payload) {  // so that a view outside its packet is found
      sum = static_cast<std::uint8_t>(sum + byte);
    }
  }
  volatile std::uint8_t sum = 0;
};

constexpr LinkType link_types[] = {1, 1, 1, 0, 9, 50, 51, 101, 104, 105, 108, 113, 127, 166, 204, 228, 229, 239, 276};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PayloadReader reader;
  DecodeOptions options;
  options.verify_tcp_checksum = size % 2 == 0;
  options.fragments = {.bytes_max = 20'000, .datagrams_max = 4, .pieces_max = 8, .age_max = std::chrono::seconds(30)};
  Decoder decoder(options, reader);
  for (std::int64_t time = 0; size >= 4; ++time) {
    const LinkType link_type = link_types[data[0] % std::size(link_types)];
    const std::size_t length = std::min<std::size_t>(load_be16(data + 2), size - 4);
    const ByteView packet(data + 4, length);
    const std::uint32_t wire_length = static_cast<std::uint32_t>(length) + (data[1] & 3U);
    decoder.on_packet({packet, wire_length, link_type, WallTime(std::chrono::seconds(time * (data[1] >> 4)))});
    data += 4 + length;
    size -= 4 + length;
  }
  const DecodeStatistics& statistics = decoder.statistics();
  std::uint64_t ends = statistics.segments.value();
  for (const Counter& end : statistics.ends) {
    ends += end.value();
  }
  CHECK(ends == statistics.packets.value());  // each packet ends in exactly one way
  return 0;
}
