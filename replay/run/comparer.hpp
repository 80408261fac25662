// Compares responses on a thread of its own, so that pacing does not wait for it.
//
//   shards' loops --bounded queues--> comparing thread --> DifferenceBook
//
// A request that finds its queue full is counted as not compared (`dropped`), and let go: the load comes first.
//
// Threads: offer() from each shard's loop, totals() from any, the rest from the owner's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "replay/compare/comparison.hpp"
#include "replay/report/figures.hpp"
#include "replay/run/shard.hpp"

namespace understudy {

struct ComparerOptions {
  std::size_t shards = 1;
  bool against_baseline = false;  // answers[1] is what is expected; else what was recorded
  bool second_baseline = false;   // answers[2] tells noise
  std::uint64_t queue_bytes_max = std::uint64_t{32} << 20U;
  std::size_t queue_requests_max = 16384;
};

class Comparer {
 public:
  Comparer(const ComparerOptions& options, CompareRules rules);
  // Ends the thread; what is queued and not compared is given up.
  ~Comparer();
  Comparer(const Comparer&) = delete;
  Comparer& operator=(const Comparer&) = delete;

  void offer(std::size_t shard, CompletedRequest&& request);
  // Compares what is queued, and ends the thread. REQUIRES: nothing is offered any more.
  void finish();

  // Counted so far, noise found later included.
  [[nodiscard]] ComparisonCounts counts() const;
  // REQUIRES: after finish().
  [[nodiscard]] const DifferenceBook& book() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy
