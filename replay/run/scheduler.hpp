// Reads a recording, decides which of its requests are played and when each is due, and hands them to the shards.
//
// It runs ahead of time by as much as the shards' queues hold, on a thread of its own, and waits while they are full.
// Requests of one session always go to the same shard, in their order.
//
// Threads: start(), stop() and join() from the owner's; the counts from any.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "replay/pacing/pacer.hpp"
#include "replay/route/route_table.hpp"
#include "replay/run/scheduled.hpp"
#include "replay/run/shard.hpp"
#include "traffic/base/counter.hpp"
#include "traffic/base/error.hpp"
#include "traffic/base/units.hpp"
#include "traffic/recording/exchange_source.hpp"
#include "traffic/rules/current_rules.hpp"
#include "traffic/rules/random_source.hpp"

namespace understudy {

// Opens the recording, from its beginning each time.
using OpenSource = std::function<Result<std::unique_ptr<ExchangeSource>>()>;

// What the targets are called and where they are: a recording of requests to any of them is production's own.
struct ProductionGuard {
  std::vector<Endpoint> endpoints;
  std::vector<std::string> hosts;  // as the Host field has them

  [[nodiscard]] bool matches(const CapturedRequest& request) const;
};

struct SchedulerOptions {
  ProductionGuard guard;      // a request that matches ends the run with ExitCode::refused; empty: nothing does
  bool allow_writes = false;  // else only GET, HEAD and OPTIONS are played
  Percentage sessions{percentage_whole};  // the part of the sessions that is played, chosen by a hash of their number
  bool loop = false;                      // begin anew at the recording's end
  // A recording that is repeated is kept in memory up to so many bytes, and read once; a larger one is read each time.
  std::uint64_t kept_bytes_max = std::uint64_t{32} << 20U;
  std::uint64_t count_max = 0;                              // requests at most; 0: no limit
  std::optional<Nanoseconds> duration;                      // nothing is due later than that
  Nanoseconds start_delay = std::chrono::milliseconds(50);  // from the first request that was read to offset 0
  std::uint64_t seed = 1;                                   // of sampling rules
};

class Scheduler {
 public:
  // All references outlive it. `shards` are not yet started. REQUIRES: `source` came from `open`.
  Scheduler(const SchedulerOptions& options, std::unique_ptr<ExchangeSource> source, OpenSource open,
            std::unique_ptr<Pacer> pacer, RouteTable routes, const CurrentRules& rules, const Clock& clock,
            std::vector<Shard*> shards);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  void start();
  // Plans nothing further. A recording that is read from a pipe ends with its next request, or its end.
  void stop() { stopping_.store(true, std::memory_order_relaxed); }
  // Nothing further will be offered to the shards.
  [[nodiscard]] bool ended() const { return ended_.load(std::memory_order_acquire); }
  // Waits for its thread. False: it has not ended by then, since it waits for a pipe; it is left alone then, and the
  // process must end without destroying this object.
  [[nodiscard]] bool join(MonotonicTime deadline);

  [[nodiscard]] const Pacer& pacer() const { return *pacer_; }
  // When offset 0 was, or will be; nothing before the first request.
  [[nodiscard]] std::optional<MonotonicTime> started_at() const;
  [[nodiscard]] std::uint64_t planned() const { return planned_.value(); }
  [[nodiscard]] std::uint64_t held_back(HeldBack reason) const {
    return held_back_[static_cast<std::size_t>(reason)].value();
  }
  // Bytes of the recording that were read, as they lie on disk.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_.load(std::memory_order_relaxed); }

  // REQUIRES for all: after join() was true.
  [[nodiscard]] const RouteTable& routes() const { return routes_; }
  // Of the first reading of the recording.
  [[nodiscard]] const RecordingReport& report() const { return report_; }
  [[nodiscard]] std::uint64_t turns() const { return turn_ + 1; }
  // The due time of the last request.
  [[nodiscard]] Nanoseconds last_due() const { return last_due_; }
  // Why the recording could not be read on; nothing when it could.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

 private:
  void run();
  // A recorded exchange with what does not change when it is played again.
  struct Recorded {
    ExchangePtr exchange;
    std::uint64_t memory = 0;
    RouteId route = RouteTable::other;
  };

  [[nodiscard]] std::optional<Recorded> next_exchange();
  [[nodiscard]] std::optional<Recorded> read_exchange();
  void keep(const Recorded& recorded);
  [[nodiscard]] bool begin_anew();
  // False: the run has ended.
  [[nodiscard]] bool plan(const Recorded& recorded);
  [[nodiscard]] std::optional<HeldBack> why_held_back(const CapturedRequest& request);
  void offer(Scheduled& item);

  const SchedulerOptions options_;
  std::unique_ptr<ExchangeSource> source_;
  const OpenSource open_;
  std::unique_ptr<Pacer> pacer_;
  RouteTable routes_;
  CurrentRules::Reader rules_;
  RandomSource random_;
  const Clock& clock_;
  const std::vector<Shard*> shards_;

  std::vector<Recorded> kept_;  // the recording so far, while it may be repeated and is small enough
  std::uint64_t kept_bytes_ = 0;
  bool keeps_ = false;
  std::optional<WallTime> recorded_first_;  // of this turn
  Nanoseconds recorded_base_{};             // where this turn begins
  Nanoseconds recorded_last_{};             // never decreases
  std::uint64_t in_turn_ = 0;               // exchanges read in this turn
  std::uint64_t turn_ = 0;
  Nanoseconds last_due_{};
  RecordingReport report_;
  std::optional<Error> failure_;

  std::array<Counter, held_back_count> held_back_;
  Counter planned_;
  std::atomic<std::uint64_t> bytes_read_{0};
  std::atomic<Nanoseconds::rep> started_at_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> ended_{false};
  std::binary_semaphore done_{0};
  std::thread thread_;
};

}  // namespace understudy
