#include "traffic/net/session_lanes.hpp"

#include <algorithm>
#include <utility>

#include "traffic/base/check.hpp"

namespace understudy {

SessionLanes::SessionLanes(std::size_t slots) : slots_(slots) {
  CHECK(slots > 0);
  for (std::size_t slot = 0; slot < slots; ++slot) slots_[slot].place = resting_.insert(resting_.end(), slot);
}

void SessionLanes::push(OutboundRequest&& request) {
  Binding& binding = bind(request.session);
  Slot& slot = slots_[binding.slot];
  if (slot.unfinished++ == 0) resting_.erase(slot.place);
  ++binding.unfinished;
  if (slot.queue.empty()) activate(binding.slot);
  slot.queue.push_back(std::move(request));
  ++waiting_;
}

void SessionLanes::push_front(std::size_t slot, OutboundRequest&& request) {
  if (slots_[slot].queue.empty()) activate(slot);
  slots_[slot].queue.push_front(std::move(request));
  ++waiting_;
}

OutboundRequest SessionLanes::take(std::size_t slot) {
  CHECK(!slots_[slot].queue.empty());
  OutboundRequest request = std::move(slots_[slot].queue.front());
  slots_[slot].queue.pop_front();
  --waiting_;
  if (slots_[slot].queue.empty()) deactivate(slot);
  return request;
}

void SessionLanes::finished(std::size_t slot, std::uint64_t session) {
  const auto binding = bindings_.find(session);
  CHECK(binding != bindings_.end() && binding->second.unfinished > 0 && slots_[slot].unfinished > 0);
  --binding->second.unfinished;
  if (--slots_[slot].unfinished == 0) slots_[slot].place = resting_.insert(resting_.end(), slot);
}

SessionLanes::Binding& SessionLanes::bind(std::uint64_t session) {
  if (const auto found = bindings_.find(session); found != bindings_.end()) return found->second;
  const std::size_t index = choose_slot();
  slots_[index].sessions.push_back(session);
  return bindings_.emplace(session, Binding{index, 0}).first->second;
}

std::size_t SessionLanes::choose_slot() {
  if (!resting_.empty()) {
    Slot& slot = slots_[resting_.front()];
    let_go(slot);
    return resting_.front();
  }
  const auto least = std::ranges::min_element(slots_, {}, &Slot::unfinished);
  if (least->sessions.size() >= shared_max) let_go(*least);
  return static_cast<std::size_t>(least - slots_.begin());
}

// Forgets the sessions of a slot that have nothing to do.
void SessionLanes::let_go(Slot& slot) {
  std::erase_if(slot.sessions, [this](std::uint64_t session) {
    const auto binding = bindings_.find(session);
    if (binding->second.unfinished > 0) return false;
    bindings_.erase(binding);
    return true;
  });
}

void SessionLanes::activate(std::size_t slot) {
  slots_[slot].active_index = active_.size();
  active_.push_back(slot);
}

void SessionLanes::deactivate(std::size_t slot) {
  const std::size_t index = slots_[slot].active_index;
  active_[index] = active_.back();
  slots_[active_[index]].active_index = index;
  active_.pop_back();
}

}  // namespace understudy
