#include "traffic/rules/rate_limiter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <system_error>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

constexpr std::int64_t span_ns_max =
    std::int64_t{100} * 365 * 86'400 * 1'000'000'000;  // leaves room to add a wall time
constexpr std::uint64_t burst_max = 1'000'000;

std::int64_t interval_ns(const Rate& rate) {
  const auto count = static_cast<std::int64_t>(rate.count);
  return (rate.period.count() + count / 2) / count;
}

}  // namespace

RateLimiter::RateLimiter(Rate rate, std::uint64_t burst)
    : interval_ns_(interval_ns(rate)), capacity_ns_(interval_ns_ * static_cast<std::int64_t>(burst)) {
  CHECK(interval_ns_ > 0 && burst > 0 && capacity_ns_ / interval_ns_ == static_cast<std::int64_t>(burst));
  CHECK(capacity_ns_ <= span_ns_max);
}

bool RateLimiter::admit(WallTime now) {
  const std::int64_t now_ns = now.time_since_epoch().count();
  std::int64_t full_at = full_at_ns_.load(std::memory_order_relaxed);
  while (true) {
    std::int64_t from = std::max(full_at, now_ns);
    if (from - now_ns > capacity_ns_ + clock_step_max.count()) from = now_ns;  // the clock was set back
    const std::int64_t next = from + interval_ns_;
    if (next - now_ns > capacity_ns_) return false;
    if (full_at_ns_.compare_exchange_weak(full_at, next, std::memory_order_relaxed)) return true;
  }
}

Result<Limit> Limit::parse(const RuleText& rule) {
  constexpr std::string_view word = " burst ";
  const std::size_t at = rule.text.find(word);
  const std::string_view rate_text = rule.text.substr(0, at);
  const auto rate = parse_rate(rate_text);
  if (!rate) return rule_error(rule, rate_text, rate.error().message);
  const auto seconds = static_cast<std::uint64_t>(rate->period.count() / 1'000'000'000);
  if (rate->count / seconds > RateLimiter::rate_per_second_max) {
    return rule_error(rule, rate_text, fmt::format("at most {} a second", RateLimiter::rate_per_second_max));
  }
  Limit limit{*rate, std::max<std::uint64_t>(1, rate->count / seconds / 10)};
  if (at == std::string_view::npos) return limit;

  const std::string_view count = trim_blanks(rule.text.substr(at + word.size()));
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), limit.burst);
  if (error != std::errc{} || end != count.data() + count.size() || limit.burst == 0 || limit.burst > burst_max) {
    return rule_error(rule, count, fmt::format("a burst is a whole number from 1 to {}", burst_max));
  }
  if (limit.burst > static_cast<std::uint64_t>(span_ns_max / interval_ns(limit.rate))) {
    return rule_error(rule, count, "such a burst would take longer than 100 years at this rate");
  }
  return limit;
}

}  // namespace understudy
