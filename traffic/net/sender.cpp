#include "traffic/net/sender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "traffic/base/check.hpp"
#include "traffic/net/sender_impl.hpp"

namespace understudy {
namespace {

// Deadlines are looked at so often; they are seconds long, and no request waits for this.
constexpr auto tick_period = std::chrono::milliseconds(100);

}  // namespace

std::string_view to_string(BreakerState state) {
  switch (state) {
    case BreakerState::closed: return "closed";
    case BreakerState::open: return "open";
    case BreakerState::half_open: return "half_open";
  }
  return "unknown";
}

Sender::Impl::Impl(EventLoop& loop, const Clock& clock, SenderOptions options, RequestSource& source,
                   std::function<void(const SenderEvent&)> on_event)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      source_(source),
      on_event_(std::move(on_event)),
      context_(
          std::make_shared<ConnectionContext>(loop.context(), clock, options_, static_cast<ConnectionOwner&>(*this))),
      pool_(context_, options_.connections_max),
      resolver_(loop, clock, options_.proxy ? options_.proxy->host : options_.target.host, options_.dns_lifetime),
      breaker_(options_.breaker_failures, options_.breaker_pause, options_.breaker_pause_max),
      timer_(loop.context()) {
  if (options_.session_affinity) lanes_.emplace(options_.connections_max);
  CHECK(!options_.target.is_tls || options_.tls != nullptr);
}

void Sender::Impl::stop() {
  if (stopped_) return;
  stopped_ = true;
  for (std::size_t slot = 0; slot < pool_.size(); ++slot) {
    Connection& connection = pool_.at(slot);
    if (connection.state() == Connection::State::busy) {
      leave_lane(connection);
      finish_lost(connection.request(), LossReason::shutdown);
    }
    connection.close();
    pool_.set_closed(slot);
  }
  lose_waiting(LossReason::shutdown);
  timer_.cancel();
}

void Sender::Impl::open_connection(std::size_t slot) {
  pool_.set_connecting(slot);
  resolver_.resolve([this, slot](const Result<Resolver::Addresses>& result) {
    if (stopped_) return;
    if (!result) {
      connect_failed(slot, {LossReason::connect_failed, result.error().message});
      return;
    }
    Resolver::Addresses addresses = *result;
    if (good_address_) {
      // The one that worked last comes first.
      std::stable_partition(addresses.begin(), addresses.end(),
                            [this](const IpAddress& a) { return a == *good_address_; });
    }
    pool_.at(slot).open(std::move(addresses), options_.proxy ? options_.proxy->port : options_.target.port);
    arm_tick();
  });
}

void Sender::Impl::on_connected(Connection& connection) {
  connects_.add();
  connect_failures_ = 0;
  connect_again_at_ = {};
  good_address_ = connection.address();
  pool_.set_idle(connection.slot());
  dispatch();
}

void Sender::Impl::on_connect_failed(Connection& connection, const ConnectionFailure& failure) {
  connect_failed(connection.slot(), failure);
}

void Sender::Impl::connect_failed(std::size_t slot, const ConnectionFailure& failure) {
  pool_.set_closed(slot);
  connect_failures_total_.add();
  note_error(failure.text);
  // Several connects at once that fail together are one attempt, and say nothing while other connections work.
  if (pool_.connecting() > 0) return;
  const MonotonicTime now = clock_.monotonic_now();
  if (pool_.open() > 0) {
    connect_again_at_ = now + options_.connect_pause;
  } else {
    ++connect_failures_;
    resolver_.forget();
    if (breaker_.state() == BreakerState::half_open || connect_failures_ >= options_.connect_attempts) {
      connect_failures_ = 0;
      if (breaker_.on_dead(now)) target_failed(failure.reason, failure.text);
    } else {
      if (connect_failures_ == 1) tell(SenderEvent::Kind::connect_failed, failure.text + "; trying again");
      connect_again_at_ = now + options_.connect_pause * (1U << std::min(connect_failures_ - 1, 10U));
    }
  }
  publish_state();
  arm_tick();
}

void Sender::Impl::on_response(Connection& connection, int status) {
  const MonotonicTime now = clock_.monotonic_now();
  const Nanoseconds latency = now - connection.sent_at();
  latency_.record(static_cast<std::uint64_t>(std::max<Nanoseconds::rep>(latency.count(), 0)));
  responses_[status >= 100 && status < 600 ? static_cast<std::size_t>(status / 100) : 0].add();
  leave_lane(connection);
  source_.finished(connection.request(), Delivered{status, latency, connection.response()});
  connection.request().clear();
  if (connection.state() == Connection::State::idle) {
    connection.rest(now);
    pool_.set_idle(connection.slot());
  } else {
    pool_.set_closed(connection.slot());
  }
  note_success();
  dispatch();
}

void Sender::Impl::on_request_failed(Connection& connection, const ConnectionFailure& failure) {
  pool_.set_closed(connection.slot());
  note_error(failure.text);
  if (failure.untouched && failure.reason == LossReason::connection_lost) {
    stale_connections_.add();
    resend_or_lose(connection.slot(), connection.request(), failure.reason);
  } else {
    leave_lane(connection);
    finish_lost(connection.request(), failure.reason);
    if (breaker_.on_failure(clock_.monotonic_now())) target_failed(LossReason::breaker_open, failure.text);
  }
  dispatch();
}

void Sender::Impl::on_idle_closed(Connection& connection) {
  pool_.set_closed(connection.slot());
  stale_connections_.add();
  dispatch();
}

// The breaker has opened.
void Sender::Impl::target_failed(LossReason waiting_lost_to, const std::string& text) {
  breaker_openings_.add();
  lose_waiting(waiting_lost_to);
  if (std::exchange(told_open_, true)) return;
  tell(SenderEvent::Kind::breaker_opened,
       fmt::format("circuit breaker open, requests are not sent: {}; tried again from time to time", text));
}

void Sender::Impl::note_success() {
  connect_failures_ = 0;
  if (!breaker_.on_success()) return;
  told_open_ = false;
  tell(SenderEvent::Kind::breaker_closed, "circuit breaker closed, requests are sent again");
}

void Sender::Impl::note_error(const std::string& text) {
  const std::lock_guard lock(error_mutex_);
  last_error_ = text;
  last_error_at_ = clock_.wall_now();
}

void Sender::Impl::publish_state() {
  const BreakerState state = breaker_.state();
  state_.store(state, std::memory_order_relaxed);
  const bool trying = state == BreakerState::half_open && (pool_.busy() > 0 || pool_.connecting() > 0);
  refuses_.store(state == BreakerState::open || trying, std::memory_order_relaxed);
}

void Sender::Impl::tell(SenderEvent::Kind kind, std::string text) const {
  if (on_event_) on_event_({kind, std::move(text)});
}

void Sender::Impl::arm_tick() {
  if (tick_armed_ || stopped_) return;
  const bool needed =
      pool_.open() + pool_.connecting() > 0 || breaker_.state() != BreakerState::closed || waiting() > 0;
  if (!needed) return;
  tick_armed_ = true;
  timer_.expires_after(tick_period);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code&) {
    self->tick_armed_ = false;
    if (!self->stopped_) self->tick();
  });
}

void Sender::Impl::tick() {
  const MonotonicTime now = clock_.monotonic_now();
  for (std::size_t slot = 0; slot < pool_.size(); ++slot) {
    Connection& connection = pool_.at(slot);
    connection.check_deadline(now);
    if (pool_.is_idle(slot) && now - connection.idle_since() > options_.idle_limit) {
      connection.close();
      pool_.set_closed(slot);
    }
  }
  if (breaker_.try_half_open(now)) {
    connect_again_at_ = {};
    if (pool_.open() + pool_.connecting() == 0) open_connection(pool_.closed_slot());
  }
  dispatch();
}

SenderStatus Sender::Impl::status() const {
  SenderStatus status;
  status.breaker = state_.load(std::memory_order_relaxed);
  status.connections_open = pool_.open();
  status.connections_connecting = pool_.connecting();
  status.in_flight = pool_.busy();
  status.connects = connects_.value();
  status.connect_failures = connect_failures_total_.value();
  status.stale_connections = stale_connections_.value();
  status.tls_resumptions = context_->counters.tls_resumptions.value();
  status.requests_sent = context_->counters.requests_sent.value();
  for (std::size_t i = 0; i < responses_.size(); ++i) status.responses[i] = responses_[i].value();
  status.bytes_sent = context_->counters.bytes_sent.value();
  status.bytes_received = context_->counters.bytes_received.value();
  status.breaker_openings = breaker_openings_.value();
  const std::lock_guard lock(error_mutex_);
  status.last_error = last_error_;
  status.last_error_at = last_error_at_;
  return status;
}

Sender::Sender(EventLoop& loop, const Clock& clock, SenderOptions options, RequestSource& source,
               std::function<void(const SenderEvent&)> on_event)
    : impl_(std::make_shared<Impl>(loop, clock, std::move(options), source, std::move(on_event))) {}

Sender::~Sender() { impl_->stop(); }

void Sender::wake() { impl_->dispatch(); }
void Sender::stop() { impl_->stop(); }
bool Sender::refuses() const { return impl_->refuses(); }
std::size_t Sender::in_flight() const { return impl_->in_flight(); }
SenderStatus Sender::status() const { return impl_->status(); }
const Histogram& Sender::wire_to_shadow_delay() const { return impl_->delay(); }
const Histogram& Sender::response_latency() const { return impl_->latency(); }

}  // namespace understudy
