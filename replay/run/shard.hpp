// One thread of a run: hands each request to its targets when it is due, and measures what comes back.
//
//   scheduler --bounded queue--> shard's loop: timer until due --> Sender of the candidate (and of each baseline)
//
// Open loop: a request is handed to its senders at its due time, whatever became of the ones before. When the targets
// are slower than the load, requests wait inside the senders, their latency from due grows, and from pending_max on
// they are lost to `queue_full`. Closed loop: a request is handed on when one of `concurrency` is finished.
//
// Several targets (a candidate with baselines) get the same request in the same turn of the loop.
//
// Threads: offer() from the scheduler's, figures from any, everything else on the shard's loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "replay/run/measurement.hpp"
#include "replay/run/scheduled.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/net/event_loop.hpp"
#include "traffic/net/sender.hpp"
#include "traffic/net/tls.hpp"
#include "traffic/pipeline/request_serializer.hpp"
#include "traffic/rules/current_rules.hpp"

namespace understudy {

// One place that requests are sent to.
struct RunTarget {
  SenderOptions sender;
  TlsOptions tls;
  bool original_host = false;
  bool forwarded_for = false;
};

// Edits one target's requests by what it answered before. Used on the shard's loop.
class ReplayEditor : public RequestEditor {
 public:
  // A request is done with: `response` is null when none came whole, or when responses are not kept.
  virtual void learn(const Exchange& recorded, const HttpMessage* response) = 0;
};

// What one target answered.
struct TargetAnswer {
  std::optional<HttpMessage> response;  // where responses are kept and a whole one came
  std::optional<LossReason> lost;
  int status = 0;
  Nanoseconds latency{};  // from the actual start
};

// A request that every target has answered, or failed to.
struct CompletedRequest {
  Scheduled item;
  std::vector<TargetAnswer> answers;  // by target; the candidate first
};

struct ShardOptions {
  std::vector<RunTarget> targets;  // the candidate first
  std::string marker_value;
  std::size_t queue_max = 4096;                              // requests that wait for their due time
  std::uint64_t queue_bytes_max = std::uint64_t{16} << 20U;  // of those, and of the ones under way
  std::size_t pending_max = 65536;                           // requests due and not finished
  std::size_t concurrency = 0;                               // not zero: closed loop
  Nanoseconds spin{};                                        // the last part of a wait that is polled instead of slept
  Nanoseconds quantum{};                                     // not zero: requests go out at multiples of it
  Nanoseconds measure_from{};                                // due times outside of these two are not measured
  std::optional<Nanoseconds> measure_until;
  // The editor of each target's requests, by target; it may give null. Empty: none. Called before the loop runs.
  std::function<std::unique_ptr<ReplayEditor>(std::size_t target)> make_editor;
  // Called on the shard's loop for each request that is done with, where responses are kept. May be empty.
  std::function<void(CompletedRequest&&)> on_completed;
  // Called on the shard's loop. May be empty.
  std::function<void(std::size_t target, const SenderEvent&)> on_event;
};

// A plain copy of what was counted, by target. Additive over shards.
struct ShardFigures {
  std::vector<LoadFigures> targets;        // the candidate first
  std::vector<std::string> target_errors;  // the last error of each target's sender; empty: none

  ShardFigures& operator+=(const ShardFigures& other);
};

// The same without warm-up and cool-down, when the run has ended.
struct MeasuredFigures {
  std::vector<LoadFigures> targets;
  std::map<RouteId, Outcomes> routes;  // of the candidate
  std::uint64_t excluded = 0;          // requests of warm-up and cool-down

  MeasuredFigures& operator+=(const MeasuredFigures& other);
};

class Shard {
 public:
  // Loads certificates; connects to nothing. Errors are ExitCode::tls. Clock and rules outlive the shard.
  [[nodiscard]] static Result<std::unique_ptr<Shard>> create(const Clock& clock, const CurrentRules& rules,
                                                             ShardOptions options);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // When offset 0 is. REQUIRES: before the first offer().
  void start_at(MonotonicTime start);
  // Queues a request. REQUIRES: due times never decrease. False: there is no room now; the item is unchanged.
  [[nodiscard]] bool offer(Scheduled& item);
  // Requests that were offered and are not finished.
  [[nodiscard]] std::uint64_t unfinished() const;
  // Requests that were handed to the senders.
  [[nodiscard]] std::uint64_t handed() const;
  // When the first byte of the last answered request was sent; the epoch: none was.
  [[nodiscard]] MonotonicTime last_sent_at() const;
  // Gives up what is not yet due. The rest goes on.
  void discard_queued();
  // Ends everything: what is under way is lost to `shutdown`.
  void stop();

  // Warm-up and cool-down included.
  [[nodiscard]] ShardFigures figures() const;
  // REQUIRES: after stop().
  [[nodiscard]] MeasuredFigures measured() const;
  // Processor time that the loop's thread has used.
  [[nodiscard]] Nanoseconds cpu_time() const;

 private:
  class Impl;
  explicit Shard(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy
