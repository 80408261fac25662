#include "agent/reassembly/stream_events.hpp"

#include "traffic/base/check.hpp"

namespace understudy {

void StreamEvents::begin_flow() {
  const FlowKey::Side& client = identity_.first_is_server ? identity_.key.second : identity_.key.first;
  const FlowKey::Side& server = identity_.first_is_server ? identity_.key.first : identity_.key.second;
  identity_.told = true;
  identity_.state = handler_.on_flow_begin({.id = identity_.id,
                                            .client = client.endpoint(),
                                            .server = server.endpoint(),
                                            .saw_start = identity_.saw_start,
                                            .start = identity_.start});
}

void StreamEvents::gap(Direction direction, std::uint64_t offset, std::uint64_t length, GapCause cause) {
  if (!identity_.told) {
    begin_flow();
  }
  if (cause == GapCause::missing) {
    counters_.gaps_missing.add();
    counters_.gap_bytes_missing.add(length);
  } else {
    counters_.gaps_truncated.add();
    counters_.gap_bytes_truncated.add(length);
  }
  handler_.on_gap(identity_.state.get(), direction, offset, length, cause, time_);
}

void StreamEvents::end(Direction direction, StreamEnd end) {
  CHECK(identity_.told);
  handler_.on_end(identity_.state.get(), direction, end, time_);
}

void StreamEvents::end_flow(FlowEnd end) {
  if (identity_.told) {
    handler_.on_flow_end(identity_.state.get(), end, time_);
    identity_.state.reset();
  }
}

}  // namespace understudy
