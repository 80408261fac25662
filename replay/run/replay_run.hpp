// One run: a recording played against a candidate, and against baselines where there are any.
//
//   auto run = ReplayRun::create(std::move(options), ...);
//   (*run)->start();
//   while (!(*run)->finished()) { sleep; show((*run)->figures()); }      // or stop() in between
//   (*run)->end(deadline);
//   RunMeasurement measured = (*run)->measured();
//
// Threads: the owner's, apart from the threads that it makes: the scheduler's, one for each shard, the comparer's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "replay/carry/carried_for_all.hpp"
#include "replay/carry/carry_book.hpp"
#include "replay/run/carry_editor.hpp"
#include "replay/run/comparer.hpp"
#include "replay/run/scheduler.hpp"
#include "replay/run/shard.hpp"

namespace understudy {

struct ReplayRunOptions {
  std::vector<RunTarget> targets;  // the candidate, then up to two baselines
  std::size_t threads = 1;
  std::size_t connections = 64;                         // to each target, over all threads
  bool keep_sessions = true;                            // a production connection is a connection here, in its order
  std::size_t pending_max = 65536;                      // requests due and not answered, over all threads
  std::uint64_t memory_max = std::uint64_t{32} << 20U;  // of requests planned and under way
  bool fast = false;                                    // closed loop: as many under way as there are connections
  Nanoseconds spin{};
  Nanoseconds quantum{};
  Nanoseconds warm_up{};
  std::optional<Nanoseconds> measure_until;
  SchedulerOptions schedule;
  std::string marker_value;
  std::uint64_t keep_response_max = std::uint64_t{8} << 20U;  // where responses are kept
  bool compare = false;
  CompareRules compare_rules;
  CarryRules carry;
  const SharedHeader* token = nullptr;  // may be null; outlives the run
  // Called on a shard's loop for each request that is done with; responses are kept for it. May be empty.
  std::function<void(const CompletedRequest&)> on_completed;
  // Called on a shard's loop. May be empty.
  std::function<void(std::size_t target, const SenderEvent&)> on_event;
};

// What a run did with values that are carried.
struct CarryCounts {
  std::uint64_t learnt = 0;
  std::uint64_t not_learnt = 0;
  std::uint64_t edited_requests = 0;
  std::uint64_t missing_requests = 0;
};

class ReplayRun {
 public:
  // Connects to nothing yet. Clock and rules outlive the run. Errors: ExitCode::tls.
  [[nodiscard]] static Result<std::unique_ptr<ReplayRun>> create(ReplayRunOptions options,
                                                                 std::unique_ptr<ExchangeSource> source,
                                                                 OpenSource open, std::unique_ptr<Pacer> pacer,
                                                                 RouteTable routes, const CurrentRules& rules,
                                                                 const Clock& clock);
  ~ReplayRun();
  ReplayRun(const ReplayRun&) = delete;
  ReplayRun& operator=(const ReplayRun&) = delete;

  void start();
  // Plans nothing further; with `give_up` also what is planned and not yet due is left out. What was sent goes on.
  void stop(bool give_up);
  // Everything that was planned is done with.
  [[nodiscard]] bool finished() const;
  // Everything that was planned has become due.
  [[nodiscard]] bool all_handed_out() const;
  // Ends what is left, and all threads. Requests under way are lost to `shutdown`. False: the recording is a pipe that
  // gives nothing and does not end; then nothing but figures() may be called, and the object must not be destroyed.
  [[nodiscard]] bool end();

  [[nodiscard]] const Scheduler& scheduler() const { return *scheduler_; }
  // Everything so far, warm-up included. The comparison's counts are the candidate's.
  [[nodiscard]] ShardFigures figures() const;
  // When the last request that was answered was sent, from the start of the run.
  [[nodiscard]] Nanoseconds last_sent() const;
  // Share of one core that each shard's loop used since start(), 0 to 1.
  [[nodiscard]] std::vector<double> sender_cpu() const;

  // REQUIRES for these: after end() was true.
  [[nodiscard]] MeasuredFigures measured() const;
  [[nodiscard]] CarryCounts carried() const;
  // Null: nothing was compared.
  [[nodiscard]] const DifferenceBook* differences() const;

 private:
  explicit ReplayRun(ReplayRunOptions options, const Clock& clock);
  [[nodiscard]] Result<void> make_shards(const CurrentRules& rules);
  [[nodiscard]] ShardOptions shard_options(std::size_t index);

  const ReplayRunOptions options_;
  const Clock& clock_;
  std::unique_ptr<Comparer> comparer_;
  std::vector<const CarryEditor*> editors_;                      // the shards'
  std::vector<std::shared_ptr<CarriedForAll>> carried_for_all_;  // by target
  std::vector<std::unique_ptr<Shard>> shards_;
  std::unique_ptr<Scheduler> scheduler_;
  MonotonicTime started_{};
  MonotonicTime ended_{};
};

}  // namespace understudy
