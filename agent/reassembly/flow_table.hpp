// All TCP flows of one worker: segments in, streams of bytes out (stream_handler.hpp).
//
//   FlowTable table(options, handler);
//   table.on_segment(segment);   // for each segment, in the order of capture
//   table.advance(now);          // now and then when the wire is silent, so that time-outs pass
//   table.drain(now);            // when the capture ends
//
// What is promised:
// - Every byte of a stream is told once, in order, or lies within a gap (RFC 9293; sequence numbers compared by
//   RFC 1982). In-order bytes are told out of the packet, without a copy and without an allocation.
// - The first copy of a byte wins. A later copy that differs is counted while the first is still stored.
// - A hole becomes a gap when the peer acknowledged it and gap_slack or gap_slack_segments have passed, when a limit
//   forces it, or at the flow's end. A hole behind which nothing was seen is told at the flow's end only.
// - A FIN is told when the peer acknowledged it, closed as well, or stayed silent for close_timeout; a RST when nothing
//   contradicted it for close_timeout. Both are forged in practice.
// - A flow is told to the handler when it has bytes to tell; handshakes and scans without any cost the handler nothing.
//   A stream without bytes is told its end only if its flow was.
// - Time is packet time, taken as the median of the last three stamps, so that a single wrong one expires nothing.
//
// Memory is bounded by flows_max and total_bytes_max. Not thread-safe: one worker owns it; statistics() may be read
// from any thread. Never throws except std::bad_alloc. The handler must outlive it, and must not call back into it.
#pragma once

#include <memory>

#include "agent/decode/segment.hpp"
#include "agent/reassembly/reassembly_options.hpp"
#include "agent/reassembly/reassembly_statistics.hpp"
#include "agent/reassembly/stream_handler.hpp"

namespace understudy {

class FlowTable final : public SegmentHandler {
 public:
  // REQUIRES: options.flows_max is from 1 to 2^24, window_bytes_max from 65535 to 2^30, every time-out
  // is positive.
  FlowTable(const ReassemblyOptions& options, StreamHandler& handler);
  // Does not tell what is still open: call drain first.
  ~FlowTable() override;
  FlowTable(const FlowTable&) = delete;
  FlowTable& operator=(const FlowTable&) = delete;

  void on_segment(const TcpSegment& segment) override;
  // Lets time-outs up to `now` pass. O(flows whose time has come).
  void advance(WallTime now);
  // The capture's end: tells everything stored, gaps included, and ends every flow. The table is empty afterwards and
  // may be used again.
  void drain(WallTime now);

  [[nodiscard]] const ReassemblyStatistics& statistics() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace understudy
