// The loss ledger: every request that was seen ends as delivered, filtered, or lost for one named reason.
//
// Invariants, at every quiet moment (no request in flight):
//   1. capture:      seen = published + filtered + lost
//   2. each output:  offered = delivered + filtered + lost        (offered by the capture side = published)
//   3. so, for each output: seen = delivered + filtered + lost, with both sides' reasons added up.
// While running, the difference is what is in flight.
//
// Thread safety: each writer (a capture worker, the sender) owns one shard; shards are single-writer and lock free.
// Anybody may read totals at any time; a total taken while writers run may be torn between counters, never within one.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string_view>

#include "traffic/base/counter.hpp"

namespace understudy {

// Why a request was lost. Names are part of the interface (logs, metrics, /status): append only.
enum class LossReason : std::uint8_t {
  // on the capture's side
  gap,             // bytes of it were never seen (kernel drop, or lost before the capture point)
  truncated,       // packets were cut by the snap length
  malformed,       // not HTTP/1.x by the framing policy
  head_too_large,  // its head was over the limit
  body_too_large,  // its body was over --max-body
  memory,          // a limit of the reassembly's memory was reached
  closed_early,    // its connection ended inside it
  expired,         // its connection fell silent inside it
  unfinished,      // the capture ended inside it
  cpu_shed,        // dropped to stay under --max-cpu
  // on an output's side
  queue_full,         // the output's queue was at its limit
  breaker_open,       // the target was known to be down
  connect_failed,     // no connection to the target (or to the proxy)
  proxy_refused,      // the proxy answered CONNECT with an error
  tls_failed,         // the TLS handshake or the verification failed
  timed_out,          // no whole response in time; the shadow may have seen the request
  connection_lost,    // the connection broke after bytes were sent; the shadow may have seen the request
  bad_response,       // the target's answer was not HTTP
  disk_full,          // a recording could not be written for want of room
  write_failed,       // a recording could not be written otherwise
  shutdown,           // still queued when the drain's deadline came
  not_forwardable,    // CONNECT, or a target that means nothing to another server
  middleware_failed,  // the user's middleware could not judge it, and --middleware-fail is closed
};
inline constexpr std::size_t loss_reason_count = static_cast<std::size_t>(LossReason::middleware_failed) + 1;

// Why a request was left out on purpose. Append only.
enum class FilterReason : std::uint8_t {
  denied,       // a deny rule
  not_allowed,  // allow rules exist and none matched
  sampled_out,
  rate_limited,  // --limit
  self_traffic,  // carries our own marker
  middleware,    // the user's middleware left it out
};
inline constexpr std::size_t filter_reason_count = static_cast<std::size_t>(FilterReason::middleware) + 1;

// Stable snake_case names, as in metrics.
[[nodiscard]] std::string_view to_string(LossReason reason);
[[nodiscard]] std::string_view to_string(FilterReason reason);

// A plain copy of counters, added up.
struct LedgerTotals {
  std::uint64_t seen = 0;       // of an output: offered
  std::uint64_t delivered = 0;  // of the capture side: published
  std::array<std::uint64_t, filter_reason_count> filtered{};
  std::array<std::uint64_t, loss_reason_count> lost{};

  [[nodiscard]] std::uint64_t filtered_total() const;
  [[nodiscard]] std::uint64_t lost_total() const;
  // seen - delivered - filtered - lost: what is still under way. Negative is a defect.
  [[nodiscard]] std::int64_t in_flight() const;
  LedgerTotals& operator+=(const LedgerTotals& other);
};

// One writer's counters. The owner calls the verbs; nobody else writes.
class LedgerShard {
 public:
  void seen() { seen_.add(); }
  void delivered(std::uint64_t count = 1) { delivered_.add(count); }
  void filtered(FilterReason reason) { filtered_[static_cast<std::size_t>(reason)].add(); }
  void lost(LossReason reason, std::uint64_t count = 1) { lost_[static_cast<std::size_t>(reason)].add(count); }

  [[nodiscard]] LedgerTotals totals() const;

 private:
  alignas(64) Counter seen_;  // a cache line of its own: shards of different writers lie side by side
  Counter delivered_;
  std::array<Counter, filter_reason_count> filtered_{};
  std::array<Counter, loss_reason_count> lost_{};
};

// All shards of one side: of the capture, or of one output.
class Ledger {
 public:
  // A new shard for one writer; lives as long as the ledger. Any thread; takes a lock, so not on a packet's way.
  [[nodiscard]] LedgerShard& make_shard();
  [[nodiscard]] LedgerTotals totals() const;

 private:
  mutable std::mutex mutex_;  // guards the list, not the counters
  std::deque<LedgerShard> shards_;
};

}  // namespace understudy
