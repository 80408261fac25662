// Which request goes out over which connection, and when another connection is opened.
#include <algorithm>

#include "traffic/net/sender_impl.hpp"

namespace understudy {
namespace {

// So many connections are on their way at a time, so that a burst does not become a flood of SYNs.
constexpr std::size_t connecting_max = 8;
// So many connections may turn out to be closed before a request is lost; a target that closes at once is not fed for
// ever.
constexpr unsigned resends_max = 3;

}  // namespace

void Sender::Impl::dispatch() {
  if (stopped_ || dispatching_) return;
  dispatching_ = true;
  if (breaker_.state() == BreakerState::open) {
    lose_waiting(LossReason::breaker_open);
    // Asking tells the source to wake us again.
    while (source_.waiting() > 0) source_.discard_queue(LossReason::breaker_open);
  } else if (options_.session_affinity) {
    dispatch_lanes();
  } else {
    dispatch_any();
  }
  dispatching_ = false;
  publish_state();
  arm_tick();
}

bool Sender::Impl::may_send() const {
  return breaker_.state() == BreakerState::closed || (breaker_.state() == BreakerState::half_open && pool_.busy() == 0);
}

std::uint64_t Sender::Impl::waiting() { return resend_.size() + (lanes_ ? lanes_->waiting() : 0) + source_.waiting(); }

void Sender::Impl::dispatch_any() {
  while (may_send() && waiting() > 0) {
    Connection* connection = pool_.newest_idle();
    if (connection == nullptr) {
      open_for_waiting();
      return;
    }
    if (!resend_.empty()) {
      connection->request() = std::move(resend_.front());
      resend_.pop_front();
    } else if (!source_.next(connection->request())) {
      return;
    }
    start(*connection);
  }
}

void Sender::Impl::fill_lanes() {
  OutboundRequest request;
  while (source_.waiting() > 0 && source_.next(request)) lanes_->push(std::exchange(request, {}));
}

void Sender::Impl::dispatch_lanes() {
  fill_lanes();
  std::size_t allowed = connects_allowed(clock_.monotonic_now());
  ready_lanes_ = lanes_->active();  // a copy: sending changes the list
  for (const std::size_t slot : ready_lanes_) {
    if (!may_send()) return;
    send_lane(slot);
    if (!lanes_->empty(slot) && pool_.is_closed(slot) && allowed > 0) {
      --allowed;
      open_connection(slot);
    }
  }
}

// A connection that turns out to be closed puts its request back in front.
void Sender::Impl::send_lane(std::size_t slot) {
  while (!lanes_->empty(slot) && pool_.is_idle(slot)) {
    pool_.at(slot).request() = lanes_->take(slot);
    start(pool_.at(slot));
  }
}

void Sender::Impl::start(Connection& connection) {
  const std::size_t slot = connection.slot();
  if (!source_.prepare(connection.request())) {
    leave_lane(connection);
    finish_lost(connection.request(), LossReason::not_forwardable);
    return;
  }
  const WallTime captured_at = connection.request().captured_at;
  const Nanoseconds delay = captured_at == WallTime{} ? Nanoseconds(0) : clock_.wall_now() - captured_at;
  pool_.set_busy(slot);
  const MonotonicTime now = clock_.monotonic_now();
  connection.request().sent_at = now;
  if (!connection.send(now)) {
    stale_connections_.add();
    pool_.set_closed(slot);
    resend_or_lose(slot, connection.request(), LossReason::connection_lost);
    return;
  }
  if (captured_at != WallTime{})
    delay_.record(static_cast<std::uint64_t>(std::max<Nanoseconds::rep>(delay.count(), 0)));
}

// REQUIRES: no byte of the request was written.
void Sender::Impl::resend_or_lose(std::size_t slot, OutboundRequest& request, LossReason reason) {
  if (++request.resends > resends_max) {
    if (lanes_) lanes_->finished(slot, request.session);
    finish_lost(request, reason);
    const std::string text = options_.target.display() + " closes connections before it takes a request";
    note_error(text);
    if (breaker_.on_failure(clock_.monotonic_now())) target_failed(LossReason::breaker_open, text);
    return;
  }
  if (lanes_) {
    lanes_->push_front(slot, std::exchange(request, {}));
  } else {
    resend_.push_back(std::exchange(request, {}));
  }
}

// The request of a connection is done with.
void Sender::Impl::leave_lane(Connection& connection) {
  if (lanes_) lanes_->finished(connection.slot(), connection.request().session);
}

void Sender::Impl::finish_lost(OutboundRequest& request, LossReason reason) {
  source_.finished(request, reason);
  request.clear();
}

void Sender::Impl::lose_waiting(LossReason reason) {
  source_.discard_queue(reason);
  for (OutboundRequest& request : resend_) finish_lost(request, reason);
  resend_.clear();
  if (lanes_) lanes_->clear([&](OutboundRequest& request) { finish_lost(request, reason); });
}

std::size_t Sender::Impl::connects_allowed(MonotonicTime now) {
  if (breaker_.state() == BreakerState::open || now < connect_again_at_) return 0;
  if (breaker_.state() == BreakerState::half_open && pool_.busy() > 0) return 0;
  const bool careful = breaker_.state() == BreakerState::half_open || connect_failures_ > 0;
  const std::size_t connecting_limit = careful ? 1 : connecting_max;
  const std::size_t total = pool_.open() + pool_.connecting();
  if (pool_.connecting() >= connecting_limit || total >= pool_.size()) return 0;
  return std::min(connecting_limit - pool_.connecting(), pool_.size() - total);
}

void Sender::Impl::open_for_waiting() {
  const std::uint64_t wanted = waiting();
  if (wanted <= pool_.connecting()) return;
  const auto missing = static_cast<std::size_t>(std::min<std::uint64_t>(wanted - pool_.connecting(), connecting_max));
  for (std::size_t i = 0; i < missing && connects_allowed(clock_.monotonic_now()) > 0; ++i) {
    open_connection(pool_.closed_slot());
  }
}

}  // namespace understudy
