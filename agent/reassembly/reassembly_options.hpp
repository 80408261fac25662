// The limits and time-outs of reassembly. Every buffer and table that network input can fill is bounded by one of
// these.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "traffic/base/clock.hpp"

namespace understudy {

struct ReassemblyOptions {
  // Ports of the service. Segments with neither port in the list are counted and ignored. Empty: every flow is
  // followed. Roles come from the handshake where it was seen, else from this list, else the lower port is the
  // server's.
  std::vector<std::uint16_t> server_ports;

  // Out-of-order bytes stored for one direction, bookkeeping included. When it is full, the hole in front of the oldest
  // stored bytes is told as a gap.
  std::size_t stream_bytes_max = std::size_t{1} << 20;
  // The same over all flows. When it is full, the flow whose stored bytes have waited longest gives way.
  std::size_t total_bytes_max = std::size_t{16} << 20;
  // Flows followed at once, those included that ended and are remembered for `time_wait`. When the table is full, an
  // ended flow gives way, else one whose handshake never completed, else the least recently active.
  std::size_t flows_max = 32768;
  // How far beyond the expected sequence number a segment or an acknowledgement may be and still be believed. TCP
  // itself allows 1 GiB (RFC 7323 section 2.3); what an injected segment may do grows with this.
  std::uint32_t window_bytes_max = std::uint32_t{16} << 20;

  // All of these are measured on packet time, and exact to 100 ms where they wait for silence.
  Nanoseconds idle_timeout = std::chrono::minutes(5);        // a flow without any segment
  Nanoseconds handshake_timeout = std::chrono::seconds(30);  // a SYN that nothing followed
  // From a FIN or RST that nobody confirmed to the end of the flow. Until then a segment that belongs to the stream
  // after all revokes it: middleboxes and attackers forge both.
  Nanoseconds close_timeout = std::chrono::seconds(1);
  // How long an ended flow is remembered, so that late retransmissions do not begin a new one.
  Nanoseconds time_wait = std::chrono::seconds(10);

  // A hole that the peer acknowledged is told as a gap only after one of these, because captures from several queues,
  // or from the `any` device, can show the acknowledgement before the data: so many further segments of the flow, or
  // so much packet time. Only a hole with later bytes stored behind it waits; there is no haste otherwise.
  std::uint32_t gap_slack_segments = 16;
  Nanoseconds gap_slack = std::chrono::milliseconds(500);
  // The same for a hole in a direction whose peer was never captured, so that no acknowledgement will ever prove it.
  // Longer than three retransmission time-outs of a usual sender (RFC 6298).
  Nanoseconds one_way_gap_timeout = std::chrono::seconds(3);
};

}  // namespace understudy
