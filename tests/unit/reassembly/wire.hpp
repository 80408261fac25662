// Scripts segments into a flow table by manual packet time, for the tests of this folder.
//
//   Wire wire;
//   wire.handshake();
//   wire.client("GET / HTTP/1.1\r\n\r\n").server("HTTP/1.1 204 No Content\r\n\r\n");
//   EXPECT_EQ(wire.told().to_server.text, "GET / HTTP/1.1\r\n\r\n");
//
// client() and server() send what comes next and acknowledge all that the other side sent. The client's first byte has
// offset 0; the _at forms send any bytes at any offset without moving what comes next.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/reassembly/flow_table.hpp"
#include "tests/support/checking_stream_handler.hpp"

namespace understudy {

inline Endpoint address_of(std::uint8_t last, std::uint16_t port) {
  const std::uint8_t bytes[4] = {10, 0, 0, last};
  return {IpAddress::v4(bytes), port};
}

class Wire {
 public:
  struct Side {
    Endpoint endpoint;
    std::uint32_t first = 0;  // sequence number of offset 0
    std::uint32_t next = 0;   // of what comes next
  };

  explicit Wire(ReassemblyOptions chosen = {}) : options(std::move(chosen)), table_(options, handler) {}
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  ~Wire() {
    table_.drain(now);
    EXPECT_EQ(handler.violations(), std::vector<std::string>{});
    EXPECT_EQ(handler.open_flows(), 0u);
    EXPECT_EQ(table_.statistics().flows_open(), 0u);
    EXPECT_EQ(table_.statistics().bytes_buffered(), 0u);
  }

  Wire& client_isn(std::uint32_t isn) { return set_isn(client_side, isn); }
  Wire& server_isn(std::uint32_t isn) { return set_isn(server_side, isn); }

  Wire& syn() { return send(client_side, client_side.first - 1, tcp_flag::syn, {}); }
  Wire& syn_ack() { return send(server_side, server_side.first - 1, tcp_flag::syn | tcp_flag::ack, {}); }
  Wire& handshake() { return syn().syn_ack().client_ack(); }

  Wire& client(std::string_view text) { return next(client_side, text, tcp_flag::ack | tcp_flag::psh); }
  Wire& server(std::string_view text) { return next(server_side, text, tcp_flag::ack | tcp_flag::psh); }
  Wire& client_fin(std::string_view text = {}) { return next(client_side, text, tcp_flag::ack | tcp_flag::fin); }
  Wire& server_fin(std::string_view text = {}) { return next(server_side, text, tcp_flag::ack | tcp_flag::fin); }
  Wire& client_ack() { return send(client_side, client_side.next, tcp_flag::ack, {}); }
  Wire& server_ack() { return send(server_side, server_side.next, tcp_flag::ack, {}); }
  Wire& client_rst() { return send(client_side, client_side.next, tcp_flag::rst, {}); }
  Wire& server_rst() { return send(server_side, server_side.next, tcp_flag::rst, {}); }

  Wire& client_at(std::int64_t offset, std::string_view text, std::uint8_t flags = tcp_flag::ack) {
    return send(client_side, client_side.first + static_cast<std::uint32_t>(offset), flags, text);
  }
  Wire& server_at(std::int64_t offset, std::string_view text, std::uint8_t flags = tcp_flag::ack) {
    return send(server_side, server_side.first + static_cast<std::uint32_t>(offset), flags, text);
  }
  // The side sent so many bytes that the capture missed.
  Wire& client_lost(std::uint32_t bytes) {
    client_side.next += bytes;
    return *this;
  }
  Wire& server_lost(std::uint32_t bytes) {
    server_side.next += bytes;
    return *this;
  }

  Wire& send(const Side& from, std::uint32_t sequence, std::uint8_t flags, std::string_view text,
             std::uint32_t missing = 0) {
    const Side& to = &from == &client_side ? server_side : client_side;
    TcpSegment segment;
    segment.source = from.endpoint;
    segment.destination = to.endpoint;
    segment.sequence = sequence;
    segment.acknowledgment = (flags & tcp_flag::ack) != 0 ? to.next : 0;
    segment.window = window;
    segment.flags = flags;
    segment.payload = as_bytes(text);
    segment.missing = missing;
    return raw(segment);
  }
  Wire& raw(TcpSegment segment) {
    // A copy that dies with the call: whoever keeps the view is found out by the sanitizers.
    const std::string copy(as_text(segment.payload));
    segment.payload = as_bytes(copy);
    now += std::chrono::microseconds(10);
    segment.time = now;
    table_.on_segment(segment);
    return *this;
  }

  // Time passes without packets.
  Wire& wait(Nanoseconds time) {
    now += time;
    table_.advance(now);
    return *this;
  }
  Wire& drain() {
    table_.drain(now);
    return *this;
  }

  // The flow with this number, in the order they began. A failure and an empty flow when there is none.
  ToldFlow& told(std::size_t number = 0) {
    if (number >= handler.flows().size()) {
      ADD_FAILURE() << "only " << handler.flows().size() << " flows were told";
      static ToldFlow nothing;
      nothing = {};
      return nothing;
    }
    return *handler.flows()[number];
  }
  const ReassemblyStatistics& statistics() const { return table_.statistics(); }
  FlowTable& table() { return table_; }

  ReassemblyOptions options;
  CheckingStreamHandler handler;
  Side client_side{address_of(1, 40000), 1001, 1001};
  Side server_side{address_of(2, 80), 5001, 5001};
  std::uint16_t window = 65535;
  WallTime now{std::chrono::seconds(1704067200)};

 private:
  Wire& set_isn(Side& side, std::uint32_t isn) {
    side.first = isn + 1;
    side.next = isn + 1;
    return *this;
  }
  Wire& next(Side& side, std::string_view text, std::uint8_t flags) {
    const std::uint32_t sequence = side.next;
    side.next += static_cast<std::uint32_t>(text.size()) + ((flags & tcp_flag::fin) != 0 ? 1 : 0);
    return send(side, sequence, flags, text);
  }

  FlowTable table_;
};

}  // namespace understudy
