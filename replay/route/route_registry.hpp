// The ids of routes, their names and requests, and which of them became part of which.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/route/route_table.hpp"

namespace understudy {

class RouteRegistry {
 public:
  RouteRegistry();

  // Nothing when `live_max` routes exist already, or all ids are given out.
  [[nodiscard]] std::optional<RouteId> add(std::size_t live_max);
  void set_name(RouteId id, std::string name);
  // Makes the two one route: the one with the lower id. REQUIRES: both are canonical, and differ.
  [[nodiscard]] RouteId merge(RouteId left, RouteId right);

  // REQUIRES for all: the id was given out.
  [[nodiscard]] RouteId canonical(RouteId id) const;
  [[nodiscard]] std::string_view name(RouteId id) const { return entries_[canonical(id)].name; }
  [[nodiscard]] std::uint64_t requests(RouteId id) const { return entries_[canonical(id)].requests; }
  void count_request(RouteId canonical_id) { ++entries_[canonical_id].requests; }

  [[nodiscard]] std::vector<RouteId> live() const;
  [[nodiscard]] std::size_t memory() const;

 private:
  struct Entry {
    RouteId merged_into = 0;  // itself while it is a route
    std::uint64_t requests = 0;
    std::string name;
  };

  std::vector<Entry> entries_;
  std::size_t live_ = 0;  // without `other`
};

}  // namespace understudy
