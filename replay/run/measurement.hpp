// What a run counts of one target while it goes on: outcomes, and latency from when a request was due and from when it
// was sent.
//
// Latency from due includes the time that a request waited because the target was slow: a stalled target cannot hide
// behind requests that were never sent (coordinated omission). Latency from the actual start is the target's own.
//
// Thread safety: one thread records (the loop of a shard); outcomes() from any, routes() only when nobody records.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "replay/report/figures.hpp"
#include "replay/route/route_table.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/counter.hpp"
#include "traffic/observe/histogram.hpp"
#include "traffic/observe/ledger.hpp"

namespace understudy {

class Measurement {
 public:
  // Statuses beyond that, and below 100, are counted as 0.
  static constexpr std::size_t status_count = 1000;
  // Each has two histograms; requests of further ones are counted under RouteTable::other.
  static constexpr std::size_t routes_max = 100;

  explicit Measurement(bool with_routes) : with_routes_(with_routes) {}

  void lateness(Nanoseconds late) { lateness_.record(positive(late)); }
  void waited(Nanoseconds wait) { wait_.record(positive(wait)); }
  void sent() { sent_.add(); }
  void delivered(RouteId route, int status, Nanoseconds from_due, Nanoseconds from_start);
  void lost(RouteId route, LossReason reason, bool was_sent);

  // Adds what was counted to `figures`: outcomes, lateness and wait.
  void add_to(LoadFigures& figures) const;
  // Adds each route's outcomes, under the ids that it was given.
  void add_routes_to(std::map<RouteId, Outcomes>& routes) const;

 private:
  struct Route {
    std::uint64_t sent = 0;
    std::map<std::uint16_t, std::uint64_t> by_status;
    std::array<std::uint64_t, loss_reason_count> lost{};
    Histogram from_due{Histogram::one_hour_ns};
    Histogram from_start{Histogram::one_hour_ns};
  };

  [[nodiscard]] static std::uint64_t positive(Nanoseconds time) {
    return time.count() > 0 ? static_cast<std::uint64_t>(time.count()) : 0;
  }
  [[nodiscard]] Route& route_of(RouteId route);

  const bool with_routes_;
  Counter sent_;
  std::array<Counter, status_count> statuses_;
  std::array<Counter, loss_reason_count> lost_;
  Histogram lateness_{Histogram::one_hour_ns};
  Histogram wait_{Histogram::one_hour_ns};
  Histogram from_due_{Histogram::one_hour_ns};
  Histogram from_start_{Histogram::one_hour_ns};
  std::map<RouteId, std::unique_ptr<Route>> routes_;
  std::vector<Route*> by_id_;  // the same, for finding
};

}  // namespace understudy
