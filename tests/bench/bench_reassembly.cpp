// What a segment costs in reassembly: look-up, in-order delivery, and the state around them.
//
// Each iteration is one segment of 1,000 bytes, to one of N flows in a scattered order, so that with many flows neither
// index nor flow is in the nearest cache. `exchange` is a request and a response with their acknowledgements.
#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "agent/reassembly/flow_table.hpp"

namespace understudy {
namespace {

class CountingHandler final : public StreamHandler {
 public:
  std::unique_ptr<FlowState> on_flow_begin(const FlowInfo& /*flow*/) override { return nullptr; }
  void on_data(FlowState* /*state*/, Direction /*direction*/, std::uint64_t /*offset*/, ByteView data,
               WallTime /*time*/) override {
    bytes += data.size();
  }
  void on_gap(FlowState* /*state*/, Direction /*direction*/, std::uint64_t /*offset*/, std::uint64_t /*length*/,
              GapCause /*cause*/, WallTime /*time*/) override {
    ++gaps;
  }
  void on_end(FlowState* /*state*/, Direction /*direction*/, StreamEnd /*end*/, WallTime /*time*/) override {}
  void on_flow_end(FlowState* /*state*/, FlowEnd /*end*/, WallTime /*time*/) override {}
  std::uint64_t bytes = 0;
  std::uint64_t gaps = 0;
};

constexpr WallTime epoch{std::chrono::seconds(1'704'067'200)};

struct Connection {
  Endpoint client;
  std::uint32_t client_next = 1;
  std::uint32_t server_next = 1;
};

// N connections, and segments between them and one server.
class Traffic {
 public:
  Traffic(std::size_t flows, StreamHandler& handler) : table_(ReassemblyOptions{}, handler), connections_(flows) {
    const std::uint8_t server[4] = {10, 0, 0, 1};
    server_ = {IpAddress::v4(server), 80};
    for (std::size_t each = 0; each < flows; ++each) {
      const std::uint8_t client[4] = {10, 1, static_cast<std::uint8_t>(each >> 8), static_cast<std::uint8_t>(each)};
      connections_[each].client = {IpAddress::v4(client), static_cast<std::uint16_t>(1024 + each)};
      send(connections_[each], true, tcp_flag::syn, 0, 0);
      send(connections_[each], false, tcp_flag::syn | tcp_flag::ack, 0, 0);
      send(connections_[each], true, tcp_flag::ack, 0, 0);
    }
  }

  // A stride coprime to the number of flows visits all of them in a scattered order.
  Connection& next() {
    at_ = (at_ + 7919) % connections_.size();
    return connections_[at_];
  }

  void send(Connection& connection, bool from_client, std::uint8_t flags, std::size_t length, std::uint32_t ahead) {
    TcpSegment segment;
    segment.source = from_client ? connection.client : server_;
    segment.destination = from_client ? server_ : connection.client;
    std::uint32_t& next = from_client ? connection.client_next : connection.server_next;
    const bool syn = (flags & tcp_flag::syn) != 0;
    segment.sequence = next + ahead - (syn ? 1 : 0);
    segment.acknowledgment = from_client ? connection.server_next : connection.client_next;
    segment.flags = flags;
    segment.payload = as_bytes(payload_).first(length);
    time_ += std::chrono::microseconds(1);
    segment.time = time_;
    next += ahead == 0 ? static_cast<std::uint32_t>(length) : 0;
    table_.on_segment(segment);
  }

  [[nodiscard]] const ReassemblyStatistics& statistics() const { return table_.statistics(); }

 private:
  FlowTable table_;
  std::vector<Connection> connections_;
  Endpoint server_;
  std::string payload_ = std::string(1000, 'x');
  std::size_t at_ = 0;
  WallTime time_ = epoch;
};

void in_order_segment(benchmark::State& state) {
  CountingHandler handler;
  Traffic traffic(static_cast<std::size_t>(state.range(0)), handler);
  for (auto _ : state) {
    traffic.send(traffic.next(), true, tcp_flag::ack | tcp_flag::psh, 1000, 0);
  }
  if (handler.gaps != 0 || handler.bytes != 1000 * static_cast<std::uint64_t>(state.iterations()) ||
      traffic.statistics().bytes_stored.value() != 0) {
    state.SkipWithError("the segments were not delivered in order");
  }
}
BENCHMARK(in_order_segment)->Arg(1)->Arg(100)->Arg(10'000);

void exchange(benchmark::State& state) {
  CountingHandler handler;
  Traffic traffic(static_cast<std::size_t>(state.range(0)), handler);
  for (auto _ : state) {
    Connection& connection = traffic.next();
    traffic.send(connection, true, tcp_flag::ack | tcp_flag::psh, 200, 0);
    traffic.send(connection, false, tcp_flag::ack, 0, 0);
    traffic.send(connection, false, tcp_flag::ack | tcp_flag::psh, 800, 0);
    traffic.send(connection, true, tcp_flag::ack, 0, 0);
  }
  state.SetItemsProcessed(4 * state.iterations());
}
BENCHMARK(exchange)->Arg(100)->Arg(10'000);

// Two segments that changed places: one is stored, the other fills the hole.
void out_of_order_pair(benchmark::State& state) {
  CountingHandler handler;
  Traffic traffic(static_cast<std::size_t>(state.range(0)), handler);
  for (auto _ : state) {
    Connection& connection = traffic.next();
    traffic.send(connection, true, tcp_flag::ack, 1000, 1000);
    traffic.send(connection, true, tcp_flag::ack, 1000, 0);
    connection.client_next += 1000;
  }
  if (handler.gaps != 0) {
    state.SkipWithError("gaps where nothing was lost");
  }
}
BENCHMARK(out_of_order_pair)->Arg(100)->Arg(10'000);

// A connection for each exchange: handshake, request, response, both FINs.
void whole_connection(benchmark::State& state) {
  CountingHandler handler;
  Traffic traffic(100, handler);
  for (auto _ : state) {
    Connection& connection = traffic.next();
    connection.client_next += 1'000'000;  // another initial sequence number
    connection.server_next += 1'000'000;
    traffic.send(connection, true, tcp_flag::syn, 0, 0);
    traffic.send(connection, false, tcp_flag::syn | tcp_flag::ack, 0, 0);
    traffic.send(connection, true, tcp_flag::ack | tcp_flag::psh, 200, 0);
    traffic.send(connection, false, tcp_flag::ack | tcp_flag::fin, 800, 0);
    ++connection.server_next;
    traffic.send(connection, true, tcp_flag::ack | tcp_flag::fin, 0, 0);
    ++connection.client_next;
    traffic.send(connection, false, tcp_flag::ack, 0, 0);
  }
  state.SetItemsProcessed(6 * state.iterations());
}
BENCHMARK(whole_connection);

}  // namespace
}  // namespace understudy

BENCHMARK_MAIN();
