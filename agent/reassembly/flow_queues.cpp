#include "agent/reassembly/flow_queues.hpp"

namespace understudy {

void FlowQueues::push_back(Flow::Stage stage, std::uint32_t slot) {
  List& in = list(stage);
  links_[slot] = {.previous = in.back, .next = none};
  (in.back == none ? in.front : links_[in.back].next) = slot;
  in.back = slot;
}

void FlowQueues::remove(Flow::Stage stage, std::uint32_t slot) {
  List& from = list(stage);
  const Link link = links_[slot];
  (link.previous == none ? from.front : links_[link.previous].next) = link.next;
  (link.next == none ? from.back : links_[link.next].previous) = link.previous;
}

}  // namespace understudy
