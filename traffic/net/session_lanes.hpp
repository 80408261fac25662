// Requests that wait for the connection of their production session, so that a session keeps its order and connection.
//
// Each slot (one connection at a time) has a lane. A session is bound to a slot with its first request, and stays there
// while it has a request waiting or in flight; afterwards, until somebody else needs the slot. A new session takes, in
// this order:
//   1. a slot that no session is bound to
//   2. the slot that has rested longest; its sessions are let go, and its connection is used again
//   3. when every slot has something to do: the one with the fewest requests, shared in the order in which they came
// So there are never more connections than sessions or slots, and requests of one session never overtake one another.
//
// Memory: the requests, and at most `shared_max` bindings a slot besides those with requests.
// Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <unordered_map>
#include <vector>

#include "traffic/net/outbound.hpp"

namespace understudy {

class SessionLanes {
 public:
  static constexpr std::size_t shared_max = 64;

  // REQUIRES: slots > 0.
  explicit SessionLanes(std::size_t slots);

  // Queues a request behind those of its session.
  void push(OutboundRequest&& request);
  // Puts one back in front, whose connection took no byte of it. REQUIRES: it was taken from that slot.
  void push_front(std::size_t slot, OutboundRequest&& request);
  // The oldest request of a slot. REQUIRES: !empty(slot). The request is in flight until finished().
  [[nodiscard]] OutboundRequest take(std::size_t slot);
  // A request that was taken is done with, delivered or lost.
  void finished(std::size_t slot, std::uint64_t session);

  [[nodiscard]] bool empty(std::size_t slot) const { return slots_[slot].queue.empty(); }
  // Requests that wait, in all slots.
  [[nodiscard]] std::uint64_t waiting() const { return waiting_; }
  // The slots with a request waiting, in no particular order. Changes with push and take.
  [[nodiscard]] const std::vector<std::size_t>& active() const { return active_; }

  // Takes every waiting request off, in the order of each session, and hands it to `lose`.
  template <typename Lose>
  void clear(Lose&& lose) {
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
      while (!slots_[slot].queue.empty()) {
        OutboundRequest request = take(slot);
        finished(slot, request.session);
        lose(request);
      }
    }
  }

 private:
  struct Slot {
    std::deque<OutboundRequest> queue;
    std::vector<std::uint64_t> sessions;     // bound to it
    std::size_t unfinished = 0;              // waiting and in flight
    std::list<std::size_t>::iterator place;  // in resting_, while unfinished is zero
    std::size_t active_index = 0;            // in active_, while the queue is not empty
  };
  struct Binding {
    std::size_t slot = 0;
    std::size_t unfinished = 0;
  };

  [[nodiscard]] Binding& bind(std::uint64_t session);
  [[nodiscard]] std::size_t choose_slot();
  void let_go(Slot& slot);
  void activate(std::size_t slot);
  void deactivate(std::size_t slot);

  std::vector<Slot> slots_;
  std::unordered_map<std::uint64_t, Binding> bindings_;
  std::list<std::size_t> resting_;  // slots with nothing to do, the longest first; those never used come before
  std::vector<std::size_t> active_;
  std::uint64_t waiting_ = 0;
};

}  // namespace understudy
