// What reassembly counted since it began. Written by the worker, readable from any thread at any time.
#pragma once

#include <cstdint>

#include "traffic/base/counter.hpp"

namespace understudy {

struct ReassemblyStatistics {
  Counter segments;         // handed in
  Counter bytes_delivered;  // told by on_data

  Counter flows_opened;
  Counter flows_closed;     // left the table or ended, whatever the reason; never above flows_opened
  Counter flows_midstream;  // of those closed: no SYN was seen
  Counter flows_expired;    // of those closed
  Counter flows_evicted;
  Counter flows_port_reused;

  Counter gaps_missing;  // told with GapCause::missing
  Counter gap_bytes_missing;
  Counter gaps_truncated;  // told with GapCause::truncated
  Counter gap_bytes_truncated;

  Counter out_of_order_segments;  // stored, at least in part
  Counter retransmitted_bytes;    // seen before, and not told again
  Counter keepalive_probes;       // at most one byte just below the expected sequence number
  Counter overlaps_differing;     // a copy that differed from stored bytes; the first copy was kept
  Counter stream_limit_hits;      // stream_bytes_max forced a gap
  Counter total_limit_hits;       // total_bytes_max forced a gap
  Counter bytes_stored;           // went into the out-of-order store, bookkeeping included
  Counter bytes_released;         // left it again
  Counter resynchronised;         // the stream moved further than window_bytes_max, and the new place was proven
  Counter ends_revoked;           // a FIN or RST that later segments showed to be forged

  Counter ignored_other_port;       // neither port is in server_ports
  Counter ignored_invalid;          // source equals destination, or SYN with RST
  Counter ignored_out_of_window;    // data further than window_bytes_max from the expected place
  Counter ignored_before_start;     // data from before the first byte seen
  Counter ignored_after_end;        // data behind the end of its stream, or on a flow that ended
  Counter ignored_reset;            // RST with an implausible sequence number
  Counter ignored_acknowledgement;  // further than window_bytes_max beyond everything seen
  Counter ignored_syn;              // a SYN inside a live flow that nothing followed up
  Counter refused_syn_data;         // bytes in a SYN that the peer did not acknowledge

  // Flows being followed now. Exact in the worker's thread; elsewhere off by what happens meanwhile.
  [[nodiscard]] std::uint64_t flows_open() const { return difference(flows_opened, flows_closed); }
  // Out-of-order bytes stored now, bookkeeping included. As exact as flows_open.
  [[nodiscard]] std::uint64_t bytes_buffered() const { return difference(bytes_stored, bytes_released); }

 private:
  // Read in this order the result cannot be negative by more than the reader's own race, which is cut off at 0.
  [[nodiscard]] static std::uint64_t difference(const Counter& in, const Counter& out) {
    const std::uint64_t gone = out.value();
    const std::uint64_t came = in.value();
    return came > gone ? came - gone : 0;
  }
};

}  // namespace understudy
