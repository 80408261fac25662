#include "replay/run/scheduler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

// While the shards' queues are full. They hold many times what is sent in such a time.
constexpr auto room_wait = std::chrono::milliseconds(5);

// Production changes nothing by these (RFC 9110 section 9.2.1); TRACE is refused by most servers.
[[nodiscard]] bool only_reads(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

[[nodiscard]] HeldBack held_back_for(FilterReason reason) {
  switch (reason) {
    case FilterReason::denied: return HeldBack::denied;
    case FilterReason::not_allowed: return HeldBack::not_allowed;
    case FilterReason::sampled_out: return HeldBack::sampled_out;
    case FilterReason::rate_limited: return HeldBack::rate_limited;
    case FilterReason::self_traffic: return HeldBack::self_traffic;
    case FilterReason::middleware: return HeldBack::middleware;
  }
  return HeldBack::denied;
}

// Spreads session numbers, which follow one another.
[[nodiscard]] std::uint64_t mixed(std::uint64_t session) { return RandomSource(session).next(); }

}  // namespace

Scheduler::Scheduler(const SchedulerOptions& options, std::unique_ptr<ExchangeSource> source, OpenSource open,
                     std::unique_ptr<Pacer> pacer, RouteTable routes, const CurrentRules& rules, const Clock& clock,
                     std::vector<Shard*> shards)
    : options_(options),
      source_(std::move(source)),
      open_(std::move(open)),
      pacer_(std::move(pacer)),
      routes_(std::move(routes)),
      rules_(rules),
      random_(options.seed),
      clock_(clock),
      shards_(std::move(shards)),
      keeps_(options.loop) {
  CHECK(source_ != nullptr && pacer_ != nullptr && !shards_.empty());
}

Scheduler::~Scheduler() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void Scheduler::start() {
  thread_ = std::thread([this] {
    try {
      run();
    } catch (const std::exception& error) {
      failure_ = Error{ExitCode::internal, std::string("the scheduler failed: ") + error.what()};
    }
    if (turn_ == 0) report_ = source_->report();
    ended_.store(true, std::memory_order_release);
    done_.release();
  });
}

bool Scheduler::join(MonotonicTime deadline) {
  if (!thread_.joinable()) return true;
  if (!done_.try_acquire_for(std::max(deadline - clock_.monotonic_now(), Nanoseconds(0)))) return false;
  thread_.join();
  return true;
}

bool ProductionGuard::matches(const CapturedRequest& request) const {
  if (std::ranges::find(endpoints, request.server) != endpoints.end()) return true;
  if (hosts.empty()) return false;
  const auto host = request.message.field("Host");
  return host && std::ranges::any_of(hosts, [&](const std::string& own) { return equals_ignoring_case(own, *host); });
}

std::optional<MonotonicTime> Scheduler::started_at() const {
  const auto since_epoch = started_at_.load(std::memory_order_acquire);
  if (since_epoch == 0) return std::nullopt;
  return MonotonicTime(Nanoseconds(since_epoch));
}

void Scheduler::run() {
  while (!stopping_.load(std::memory_order_relaxed)) {
    const std::optional<Recorded> recorded = next_exchange();
    if (!recorded || !plan(*recorded)) return;
  }
}

// The recording's next exchange, begun anew at its end where that is asked for; nothing: there is none.
std::optional<Scheduler::Recorded> Scheduler::next_exchange() {
  while (true) {
    const bool from_memory = turn_ > 0 && keeps_;
    std::optional<Recorded> recorded;
    if (!from_memory) {
      recorded = read_exchange();
    } else if (in_turn_ < kept_.size()) {
      recorded = kept_[in_turn_];
    }
    if (recorded) {
      ++in_turn_;
      return recorded;
    }
    if (failure_ || !options_.loop || in_turn_ == 0 || !begin_anew()) return std::nullopt;
  }
}

std::optional<Scheduler::Recorded> Scheduler::read_exchange() {
  Result<ExchangePtr> exchange = source_->next();
  bytes_read_.store(source_->report().bytes, std::memory_order_relaxed);
  if (!exchange) {
    failure_ = std::move(exchange.error());
    return std::nullopt;
  }
  if (*exchange == nullptr) return std::nullopt;
  const HttpMessage& message = (*exchange)->request->message;
  Recorded recorded{*exchange, (*exchange)->memory(), routes_.route_of(message.method(), message.target())};
  if (keeps_) keep(recorded);
  return recorded;
}

void Scheduler::keep(const Recorded& recorded) {
  kept_bytes_ += recorded.memory;
  if (kept_bytes_ <= options_.kept_bytes_max) return kept_.push_back(recorded);
  keeps_ = false;
  kept_ = {};
}

bool Scheduler::begin_anew() {
  if (turn_ == 0) report_ = source_->report();
  if (!keeps_) {
    Result<std::unique_ptr<ExchangeSource>> source = open_();
    if (!source) {
      failure_ = std::move(source.error());
      return false;
    }
    source_ = std::move(*source);
  }
  // The pause between two turns is the recording's mean gap.
  const Nanoseconds length = recorded_last_ - recorded_base_;
  recorded_last_ += length / static_cast<Nanoseconds::rep>(in_turn_);
  recorded_base_ = recorded_last_;
  recorded_first_.reset();
  in_turn_ = 0;
  ++turn_;
  return true;
}

bool Scheduler::plan(const Recorded& recorded) {
  const CapturedRequest& request = *recorded.exchange->request;
  if (!recorded_first_) recorded_first_ = request.first_byte;
  recorded_last_ = std::max(recorded_last_, recorded_base_ + (request.first_byte - *recorded_first_));
  if (turn_ == 0 && options_.guard.matches(request)) {
    failure_ = Error{ExitCode::refused,
                     fmt::format("The recording has requests to {} (Host: {}), which is where they would "
                                 "be sent again. Nothing further is sent. If that is meant, say "
                                 "--allow-production.",
                                 request.server.to_string(), request.message.field("Host").value_or("none"))};
    return false;
  }
  if (const auto reason = why_held_back(request)) {
    held_back_[static_cast<std::size_t>(*reason)].add();
    return true;
  }
  if (options_.count_max != 0 && planned_.value() >= options_.count_max) return false;
  const std::optional<Nanoseconds> due = pacer_->due(recorded_last_);
  if (!due || (options_.duration && *due >= *options_.duration)) return false;
  last_due_ = *due;
  Scheduled item;
  item.exchange = recorded.exchange;
  item.due = *due;
  item.session = turn_ == 0 ? request.session : mixed(request.session + (turn_ << 40U));
  item.memory = recorded.memory;
  item.number = planned_.value() + 1;
  item.route = recorded.route;
  if (planned_.value() == 0) {
    const MonotonicTime start = clock_.monotonic_now() + options_.start_delay;
    for (Shard* shard : shards_) shard->start_at(start);
    started_at_.store(start.time_since_epoch().count(), std::memory_order_release);
  }
  planned_.add();
  offer(item);
  return true;
}

std::optional<HeldBack> Scheduler::why_held_back(const CapturedRequest& request) {
  if (!options_.allow_writes && !only_reads(request.message.method())) return HeldBack::writes;
  if (!request.message.body().is_kept()) return HeldBack::no_body;
  if (options_.sessions.per_million < percentage_whole &&
      mixed(request.session) % percentage_whole >= options_.sessions.per_million) {
    return HeldBack::session;
  }
  const Admission admission = rules_.rules().admit(request, random_);
  if (!admission.pass) return held_back_for(admission.reason);
  return std::nullopt;
}

void Scheduler::offer(Scheduled& item) {
  Shard& shard = *shards_[shards_.size() == 1 ? 0 : mixed(item.session) % shards_.size()];
  while (!shard.offer(item)) {
    if (stopping_.load(std::memory_order_relaxed)) return;
    std::this_thread::sleep_for(room_wait);
  }
}

}  // namespace understudy
