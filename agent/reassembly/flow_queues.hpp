// The order in which flows time out and give way: one first-in first-out list for each stage of a flow.
//
// All flows of a stage have the same time-out, so each list is ordered by deadline and its front is the next to go.
// Links are kept apart from the flows, 8 bytes each, so that moving a flow to the back touches little memory. Every
// operation is O(1). Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "agent/reassembly/flow.hpp"

namespace understudy {

class FlowQueues {
 public:
  static constexpr std::uint32_t none = 0xffffffff;

  // Makes room for slots below `slots`.
  void grow(std::size_t slots) { links_.resize(slots); }
  // REQUIRES: `slot` is in no list.
  void push_back(Flow::Stage stage, std::uint32_t slot);
  // REQUIRES: `slot` is in this stage's list.
  void remove(Flow::Stage stage, std::uint32_t slot);
  void move_to_back(Flow::Stage stage, std::uint32_t slot) {
    if (list(stage).back != slot) {
      remove(stage, slot);
      push_back(stage, slot);
    }
  }
  [[nodiscard]] std::uint32_t front(Flow::Stage stage) const { return lists_[static_cast<std::size_t>(stage)].front; }

 private:
  struct Link {
    std::uint32_t previous = none;
    std::uint32_t next = none;
  };
  struct List {
    std::uint32_t front = none;
    std::uint32_t back = none;
  };
  [[nodiscard]] List& list(Flow::Stage stage) { return lists_[static_cast<std::size_t>(stage)]; }

  std::array<List, Flow::stages> lists_;
  std::vector<Link> links_;
};

}  // namespace understudy
