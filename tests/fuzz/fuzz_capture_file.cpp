// Capture files from bytes: both formats, handed over in pieces as a pipe would.
#include <algorithm>

#include "agent/capture/capture_format.hpp"
#include "traffic/base/check.hpp"

namespace {

using namespace understudy;

class PacketReader final : public PacketHandler {
 public:
  void on_packet(const PacketView& packet) override {
    CHECK(packet.wire_length >= packet.data.size());
    for (const std::uint8_t byte : packet.data) {  // so that a view outside its buffer is found
      sum = static_cast<std::uint8_t>(sum + byte);
    }
  }
  volatile std::uint8_t sum = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < format_magic_size + 1) {
    return 0;
  }
  const std::size_t piece = data[0] + 1U;
  const ByteView file(data + 1, size - 1);
  const std::unique_ptr<CaptureFormat> format = detect_format(file.first(format_magic_size));
  PacketReader reader;
  std::size_t begin = 0;
  for (std::size_t end = 0; format != nullptr && end < file.size();) {
    end = std::min(file.size(), end + piece);
    FormatProgress progress;
    do {
      progress = format->parse(file.subspan(begin, end - begin), begin, reader, 3);
      CHECK(progress.consumed <= end - begin);
      begin += progress.consumed;
    } while (progress.needed == 0 && !progress.damage);
    if (progress.damage) {
      break;
    }
    CHECK(progress.needed > end - begin);
  }
  return 0;
}
