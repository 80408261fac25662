// What reassembly tells: for each flow, the two streams of bytes in order, with gaps and ends as typed events.
//
// Order of calls for one flow: on_flow_begin, then any number of on_data and on_gap (offsets of one direction never go
// back, and every byte from 0 on is told once, as data or within a gap), at most one on_end for each direction, then
// on_flow_end, after which the reference is dead. Invented bytes never stand in for a gap.
//
// Lifetime: views are valid until the call returns. FlowState is the handler's own, kept by the flow for it.
#pragma once

#include <cstdint>
#include <memory>

#include "traffic/base/bytes.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/endpoint.hpp"

namespace understudy {

enum class Direction : std::uint8_t { to_server = 0, to_client = 1 };

[[nodiscard]] constexpr Direction opposite(Direction direction) {
  return direction == Direction::to_server ? Direction::to_client : Direction::to_server;
}

enum class StreamEnd : std::uint8_t {
  fin,    // closed in order: all bytes up to the FIN were told
  reset,  // RST
};

enum class FlowEnd : std::uint8_t {
  closed,       // both directions ended, or RST
  port_reused,  // a new connection on the same addresses and ports began
  expired,      // silent for longer than the idle limit
  evicted,      // the table or its memory was full
  drained,      // the capture ended
};

enum class GapCause : std::uint8_t {
  missing,    // never seen, and an acknowledgement or the buffer's limit proves that it will not come
  truncated,  // seen on the wire, cut by the snap length
};

// What is known of a flow when it begins.
struct FlowInfo {
  std::uint64_t id = 0;  // unique within a run
  Endpoint client;
  Endpoint server;
  bool saw_start = false;  // false: joined in midstream, the first byte may be inside a message
  WallTime start;
};

// State that a handler keeps for a flow.
class FlowState {
 public:
  virtual ~FlowState() = default;
};

class StreamHandler {
 public:
  virtual ~StreamHandler() = default;

  // The returned state (may be null) is handed back with every event of the flow and destroyed after on_flow_end.
  [[nodiscard]] virtual std::unique_ptr<FlowState> on_flow_begin(const FlowInfo& flow) = 0;
  // `offset` counts from the first byte of this direction that was seen (0), 64 bit, never wraps.
  virtual void on_data(FlowState* state, Direction direction, std::uint64_t offset, ByteView data, WallTime time) = 0;
  virtual void on_gap(FlowState* state, Direction direction, std::uint64_t offset, std::uint64_t length, GapCause cause,
                      WallTime time) = 0;
  virtual void on_end(FlowState* state, Direction direction, StreamEnd end, WallTime time) = 0;
  virtual void on_flow_end(FlowState* state, FlowEnd end, WallTime time) = 0;
};

}  // namespace understudy
