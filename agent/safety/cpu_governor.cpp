#include "agent/safety/cpu_governor.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace understudy {
namespace {

constexpr double least_share = 0.01;
constexpr double aim = 0.9;            // of the limit: inside the band in which nothing changes
constexpr double lower_edge = 0.8;     // of the limit: below it the share rises
constexpr double raise_factor = 1.25;  // 0.8 * 1.25 = 1: a raise from the lower edge does not pass the limit
constexpr double raise_least = 0.01;
constexpr unsigned intervals_until_shedding = 2;

constexpr std::uint64_t everything = std::numeric_limits<std::uint64_t>::max();

// The finaliser of splitmix64: session ids count up, and their hashes must not.
constexpr std::uint64_t mixed(std::uint64_t id) {
  id += 0x9e3779b97f4a7c15;
  id = (id ^ (id >> 30)) * 0xbf58476d1ce4e5b9;
  id = (id ^ (id >> 27)) * 0x94d049bb133111eb;
  return id ^ (id >> 31);
}

}  // namespace

CpuGovernor::CpuGovernor(double cpu_limit, Nanoseconds interval, std::function<void(const CpuChange&)> on_change)
    : cpu_limit_(cpu_limit), interval_(interval), on_change_(std::move(on_change)), threshold_(everything) {}

void CpuGovernor::observe(MonotonicTime now, Nanoseconds process_cpu_time) {
  if (!interval_start_) {
    interval_start_ = now;
    cpu_at_start_ = process_cpu_time;
    return;
  }
  const Nanoseconds passed = now - *interval_start_;
  if (passed < interval_ || passed <= Nanoseconds::zero()) return;
  const double used =
      static_cast<double>((process_cpu_time - cpu_at_start_).count()) / static_cast<double>(passed.count());
  interval_start_ = now;
  cpu_at_start_ = process_cpu_time;
  cpu_used_.store(used, std::memory_order_relaxed);
  regulate(used);
}

void CpuGovernor::regulate(double used) {
  if (used > cpu_limit_) {
    // One interval may be a start, a reload or a burst; two are a load.
    if (++intervals_over_ < intervals_until_shedding) return;
    set_share(std::max(least_share, share_ * aim * cpu_limit_ / used), used);
    return;
  }
  intervals_over_ = 0;
  if (used < lower_edge * cpu_limit_ && share_ < 1.0) {
    set_share(std::min(1.0, std::max(share_ * raise_factor, share_ + raise_least)), used);
  }
}

void CpuGovernor::set_share(double share, double used) {
  const double before = std::exchange(share_, share);
  if (share == before) return;
  threshold_.store(share >= 1.0 ? everything : static_cast<std::uint64_t>(share * 0x1p64), std::memory_order_relaxed);
  if (!on_change_) return;
  const CpuAction action = share < before ? (before >= 1.0 ? CpuAction::began : CpuAction::lowered)
                                          : (share >= 1.0 ? CpuAction::ended : CpuAction::raised);
  on_change_({action, share, used, cpu_limit_});
}

bool CpuGovernor::keeps(std::uint64_t session_id) const {
  return mixed(session_id) <= threshold_.load(std::memory_order_relaxed);
}

double CpuGovernor::keep_share() const {
  return static_cast<double>(threshold_.load(std::memory_order_relaxed)) / 0x1p64;
}

}  // namespace understudy
