// What decoding costs a packet, and that it allocates nothing: each run is also told the allocations it made.
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "agent/decode/decoder.hpp"
#include "tests/support/packet_builder.hpp"

namespace {

std::atomic<std::uint64_t> allocations{0};

void* counted(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) {
    return memory;
  }
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace understudy {
namespace {

class Sum final : public SegmentHandler {
 public:
  void on_segment(const TcpSegment& segment) override { bytes += segment.payload.size(); }
  std::uint64_t bytes = 0;
};

TcpPacket request(bool v6, std::size_t payload) {
  TcpPacket packet;
  packet.source = endpoint(v6 ? "[2001:db8::1]:40000" : "10.0.0.1:40000");
  packet.destination = endpoint(v6 ? "[2001:db8::2]:8080" : "10.0.0.2:8080");
  packet.options = Bytes(12, 1);
  packet.payload = std::string(payload, 'x');
  return packet;
}

void decode(benchmark::State& state, const CapturedPacket& packet, std::vector<std::uint16_t> ports) {
  Sum sum;
  DecodeOptions options;
  options.ports = std::move(ports);
  Decoder decoder(options, sum);
  const PacketView view = packet.view();
  const std::uint64_t allocations_before = allocations.load();
  std::uint64_t packets = 0;
  for (auto _ : state) {
    decoder.on_packet(view);
    ++packets;
  }
  const std::uint64_t made = allocations.load() - allocations_before;
  benchmark::DoNotOptimize(sum.bytes);
  state.SetItemsProcessed(static_cast<std::int64_t>(packets));
  state.counters["allocations"] = static_cast<double>(made);
  if (made != 0) {
    state.SkipWithError("decoding allocates");
  }
}

const Bytes small_v4 = ip_packet(request(false, 120));
const CapturedPacket ethernet_v4{ethernet_frame(small_v4), test_epoch(), 0, 1};
const CapturedPacket ethernet_v6{ethernet_frame(ip_packet(request(true, 120))), test_epoch(), 0, 1};
const CapturedPacket vlan_v4{ethernet_frame(small_v4, {.vlans = {100}, .minimum_size = 0}), test_epoch(), 0, 1};
const CapturedPacket cooked_v2{concatenate(from_hex("0800 0000 00000002 0001 00 06 020000000001 0000"), small_v4),
                               test_epoch(), 0, 276};
const CapturedPacket vxlan_v4{
    ethernet_frame(ip_packet(endpoint("192.0.2.1:0").address, endpoint("192.0.2.2:0").address, 17,
                             udp_datagram(endpoint("192.0.2.1:5"), endpoint("192.0.2.2:4789"),
                                          concatenate(from_hex("0800000000006400"), ethernet_frame(small_v4))))),
    test_epoch(), 0, 1};

BENCHMARK_CAPTURE(decode, ethernet_ipv4, ethernet_v4, {8080});
BENCHMARK_CAPTURE(decode, ethernet_ipv6, ethernet_v6, {8080});
BENCHMARK_CAPTURE(decode, vlan_ipv4, vlan_v4, {8080});
BENCHMARK_CAPTURE(decode, linux_cooked_v2_ipv4, cooked_v2, {8080});
BENCHMARK_CAPTURE(decode, vxlan_ipv4, vxlan_v4, {8080});
BENCHMARK_CAPTURE(decode, ethernet_ipv4_other_port, ethernet_v4, {80});

}  // namespace
}  // namespace understudy

BENCHMARK_MAIN();
