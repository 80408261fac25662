// Tells the events of one flow to the handler, and counts them.
#pragma once

#include <cstdint>
#include <memory>

#include "agent/reassembly/flow_key.hpp"
#include "agent/reassembly/reassembly_statistics.hpp"
#include "agent/reassembly/stream_handler.hpp"
#include "traffic/base/bytes.hpp"
#include "traffic/base/clock.hpp"

namespace understudy {

// Who a flow is, and what the handler keeps for it.
struct FlowIdentity {
  FlowKey key;
  bool first_is_server = false;  // of the key's two sides
  bool saw_start = false;        // a SYN was seen
  bool told = false;             // on_flow_begin was called
  std::uint64_t id = 0;
  WallTime start;
  std::unique_ptr<FlowState> state;

  [[nodiscard]] Direction direction_from_first() const {
    return first_is_server ? Direction::to_client : Direction::to_server;
  }
};

// Lives on the stack while one segment or one time-out of one flow is handled; `time` is stamped on every event.
class StreamEvents {
 public:
  StreamEvents(StreamHandler& handler, ReassemblyStatistics& counters, FlowIdentity& identity, WallTime time)
      : handler_(handler), counters_(counters), identity_(identity), time_(time) {}

  // REQUIRES: bytes is not empty.
  void data(Direction direction, std::uint64_t offset, ByteView bytes) {
    if (!identity_.told) [[unlikely]] {
      begin_flow();
    }
    counters_.bytes_delivered.add(bytes.size());
    handler_.on_data(identity_.state.get(), direction, offset, bytes, time_);
  }
  // REQUIRES: length is not zero.
  void gap(Direction direction, std::uint64_t offset, std::uint64_t length, GapCause cause);
  // REQUIRES: the flow was told.
  void end(Direction direction, StreamEnd end);
  // Only if the flow was told.
  void end_flow(FlowEnd end);

  [[nodiscard]] bool flow_told() const { return identity_.told; }
  [[nodiscard]] bool saw_start() const { return identity_.saw_start; }
  [[nodiscard]] ReassemblyStatistics& counters() { return counters_; }

 private:
  void begin_flow();

  StreamHandler& handler_;
  ReassemblyStatistics& counters_;
  FlowIdentity& identity_;
  WallTime time_;
};

}  // namespace understudy
