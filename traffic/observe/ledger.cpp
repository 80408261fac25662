#include "traffic/observe/ledger.hpp"

#include <numeric>

namespace understudy {

std::string_view to_string(LossReason reason) {
  switch (reason) {
    case LossReason::gap: return "gap";
    case LossReason::truncated: return "truncated";
    case LossReason::malformed: return "malformed";
    case LossReason::head_too_large: return "head_too_large";
    case LossReason::body_too_large: return "body_too_large";
    case LossReason::memory: return "memory";
    case LossReason::closed_early: return "closed_early";
    case LossReason::expired: return "expired";
    case LossReason::unfinished: return "unfinished";
    case LossReason::cpu_shed: return "cpu_shed";
    case LossReason::queue_full: return "queue_full";
    case LossReason::breaker_open: return "breaker_open";
    case LossReason::connect_failed: return "connect_failed";
    case LossReason::proxy_refused: return "proxy_refused";
    case LossReason::tls_failed: return "tls_failed";
    case LossReason::timed_out: return "timed_out";
    case LossReason::connection_lost: return "connection_lost";
    case LossReason::bad_response: return "bad_response";
    case LossReason::disk_full: return "disk_full";
    case LossReason::write_failed: return "write_failed";
    case LossReason::shutdown: return "shutdown";
    case LossReason::not_forwardable: return "not_forwardable";
    case LossReason::middleware_failed: return "middleware_failed";
  }
  return "unknown";
}

std::string_view to_string(FilterReason reason) {
  switch (reason) {
    case FilterReason::denied: return "denied";
    case FilterReason::not_allowed: return "not_allowed";
    case FilterReason::sampled_out: return "sampled_out";
    case FilterReason::rate_limited: return "rate_limited";
    case FilterReason::self_traffic: return "self_traffic";
    case FilterReason::middleware: return "middleware";
  }
  return "unknown";
}

std::uint64_t LedgerTotals::filtered_total() const {
  return std::accumulate(filtered.begin(), filtered.end(), std::uint64_t{0});
}

std::uint64_t LedgerTotals::lost_total() const { return std::accumulate(lost.begin(), lost.end(), std::uint64_t{0}); }

std::int64_t LedgerTotals::in_flight() const {
  return static_cast<std::int64_t>(seen) - static_cast<std::int64_t>(delivered + filtered_total() + lost_total());
}

LedgerTotals& LedgerTotals::operator+=(const LedgerTotals& other) {
  seen += other.seen;
  delivered += other.delivered;
  for (std::size_t i = 0; i < filtered.size(); ++i) filtered[i] += other.filtered[i];
  for (std::size_t i = 0; i < lost.size(); ++i) lost[i] += other.lost[i];
  return *this;
}

LedgerTotals LedgerShard::totals() const {
  LedgerTotals totals;
  totals.seen = seen_.value();
  totals.delivered = delivered_.value();
  for (std::size_t i = 0; i < filtered_.size(); ++i) totals.filtered[i] = filtered_[i].value();
  for (std::size_t i = 0; i < lost_.size(); ++i) totals.lost[i] = lost_[i].value();
  return totals;
}

LedgerShard& Ledger::make_shard() {
  const std::lock_guard lock(mutex_);
  return shards_.emplace_back();
}

LedgerTotals Ledger::totals() const {
  const std::lock_guard lock(mutex_);
  LedgerTotals totals;
  for (const LedgerShard& shard : shards_) totals += shard.totals();
  return totals;
}

}  // namespace understudy
