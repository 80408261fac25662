// Feeds arbitrary segments to the flow table. Whatever they are, the contract of the stream handler holds, memory stays
// under its limits, and at the end nothing is left.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include "agent/reassembly/flow_table.hpp"
#include "tests/support/checking_stream_handler.hpp"
#include "traffic/base/check.hpp"

namespace understudy {
namespace {

// A segment is 8 bytes of choices and a payload. Numbers are small and near each other, or nothing would ever meet.
TcpSegment take_segment(ByteView& input, WallTime time) {
  const std::uint8_t address[2][4] = {{10, 0, 0, 1}, {10, 0, 0, 2}};
  const std::size_t from = input[0] & 1;
  TcpSegment segment;
  segment.source = {IpAddress::v4(address[from]), static_cast<std::uint16_t>(80 + from)};
  segment.destination = {IpAddress::v4(address[1 - from]), static_cast<std::uint16_t>(81 - from)};
  segment.network = (input[0] >> 1) & 7;
  segment.flags = input[1] & 0x1f;
  const std::uint32_t far = (input[0] & 0x10) != 0 ? std::uint32_t{input[2]} << 24 : 0;
  segment.sequence = 0xffffff80 + input[2] + far + ((input[0] & 0x20) != 0 ? std::uint32_t{input[3]} << 12 : 0);
  segment.acknowledgment = 0xffffff80 + input[3] + far;
  segment.missing = (input[0] & 0x40) != 0 ? input[4] : 0;
  segment.time = time;
  const std::size_t length = std::min<std::size_t>(input[5] & 0x3f, input.size() - 8);
  segment.payload = input.subspan(8, length);
  input = input.subspan(8 + length);
  return segment;
}

}  // namespace
}  // namespace understudy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace understudy;
  ReassemblyOptions options;
  options.flows_max = 3;
  options.stream_bytes_max = 600;
  options.total_bytes_max = 1500;
  options.window_bytes_max = 1 << 16;
  options.gap_slack_segments = 3;
  CheckingStreamHandler handler(false);
  FlowTable table(options, handler);
  ByteView input(data, size);
  WallTime now{std::chrono::seconds(1)};
  while (input.size() >= 8) {
    now += std::chrono::milliseconds(input[6] * (input[7] >= 0xf0 ? 5000 : 1));
    if (input[7] == 0x77) {
      table.advance(now);
    }
    table.on_segment(take_segment(input, now));
    CHECK(table.statistics().bytes_buffered() <= options.total_bytes_max);
    CHECK(table.statistics().flows_open() <= options.flows_max);
    CHECK(handler.open_flows() <= options.flows_max);
  }
  table.drain(now);
  for (const std::string& violation : handler.violations()) {
    std::fprintf(stderr, "%s\n", violation.c_str());
  }
  CHECK(handler.violations().empty());
  CHECK(handler.open_flows() == 0);
  CHECK(table.statistics().bytes_buffered() == 0);
  CHECK(table.statistics().flows_open() == 0);
  return 0;
}
