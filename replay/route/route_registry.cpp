#include "replay/route/route_registry.hpp"

#include <algorithm>
#include <utility>

#include "traffic/base/check.hpp"

namespace understudy {

RouteRegistry::RouteRegistry() { entries_.push_back({RouteTable::other, 0, "other"}); }

std::optional<RouteId> RouteRegistry::add(std::size_t live_max) {
  if (live_ >= live_max || entries_.size() >= RouteTable::ids_max) return std::nullopt;
  const auto id = static_cast<RouteId>(entries_.size());
  entries_.push_back({id, 0, {}});
  ++live_;
  return id;
}

void RouteRegistry::set_name(RouteId id, std::string name) { entries_[id].name = std::move(name); }

RouteId RouteRegistry::merge(RouteId left, RouteId right) {
  const RouteId kept = std::min(left, right);
  Entry& gone = entries_[std::max(left, right)];
  CHECK(left != right && gone.merged_into == std::max(left, right) && entries_[kept].merged_into == kept);
  gone.merged_into = kept;
  entries_[kept].requests += std::exchange(gone.requests, 0);
  gone.name = std::string();
  --live_;
  return kept;
}

// Each step leads to a lower id, so this ends; callers that ask often keep the answer.
RouteId RouteRegistry::canonical(RouteId id) const {
  CHECK(id < entries_.size());
  while (entries_[id].merged_into != id) id = entries_[id].merged_into;
  return id;
}

std::vector<RouteId> RouteRegistry::live() const {
  std::vector<RouteId> ids;
  for (RouteId id = 0; id < entries_.size(); ++id) {
    if (entries_[id].merged_into == id && (id != RouteTable::other || entries_[id].requests != 0)) ids.push_back(id);
  }
  return ids;
}

std::size_t RouteRegistry::memory() const {
  std::size_t bytes = entries_.capacity() * sizeof(Entry);
  for (const Entry& entry : entries_) bytes += entry.name.capacity();
  return bytes;
}

}  // namespace understudy
