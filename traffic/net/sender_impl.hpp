// The inside of Sender. Include only from sender*.cpp.
//
// Invariants, between two handlers of the loop:
//   1. every request taken from the source is in exactly one place: a busy connection, resend_, or a lane; and is
//   finished
//      once, when it leaves that place
//   2. with the breaker open, nothing waits: neither in the source, nor in resend_, nor in a lane
//   3. when something waits and no connection is idle, then a connection is on its way, or busy, or the tick is armed
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <deque>
#include <mutex>
#include <vector>

#include "traffic/net/circuit_breaker.hpp"
#include "traffic/net/connection_pool.hpp"
#include "traffic/net/resolver.hpp"
#include "traffic/net/sender.hpp"
#include "traffic/net/session_lanes.hpp"

namespace understudy {

class Sender::Impl final : public std::enable_shared_from_this<Sender::Impl>, private ConnectionOwner {
 public:
  Impl(EventLoop& loop, const Clock& clock, SenderOptions options, RequestSource& source,
       std::function<void(const SenderEvent&)> on_event);

  void dispatch();
  void stop();

  [[nodiscard]] bool refuses() const { return refuses_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t in_flight() const { return pool_.busy(); }
  [[nodiscard]] SenderStatus status() const;
  [[nodiscard]] const Histogram& delay() const { return delay_; }
  [[nodiscard]] const Histogram& latency() const { return latency_; }

 private:
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                        boost::asio::io_context::executor_type>;

  // ConnectionOwner
  void on_connected(Connection& connection) override;
  void on_connect_failed(Connection& connection, const ConnectionFailure& failure) override;
  void on_response(Connection& connection, int status) override;
  void on_request_failed(Connection& connection, const ConnectionFailure& failure) override;
  void on_idle_closed(Connection& connection) override;

  // sender_dispatch.cpp: which request goes where
  void dispatch_any();
  void dispatch_lanes();
  void fill_lanes();
  void send_lane(std::size_t slot);
  [[nodiscard]] bool may_send() const;
  void start(Connection& connection);
  void resend_or_lose(std::size_t slot, OutboundRequest& request, LossReason reason);
  void finish_lost(OutboundRequest& request, LossReason reason);
  void leave_lane(Connection& connection);
  void lose_waiting(LossReason reason);
  [[nodiscard]] std::uint64_t waiting();
  [[nodiscard]] std::size_t connects_allowed(MonotonicTime now);
  void open_for_waiting();

  // sender.cpp: connections, the breaker, time
  void open_connection(std::size_t slot);
  void connect_failed(std::size_t slot, const ConnectionFailure& failure);
  void target_failed(LossReason waiting_lost_to, const std::string& text);
  void note_success();
  void note_error(const std::string& text);
  void publish_state();
  void arm_tick();
  void tick();
  void tell(SenderEvent::Kind kind, std::string text) const;

  EventLoop& loop_;
  const Clock& clock_;
  const SenderOptions options_;
  RequestSource& source_;
  const std::function<void(const SenderEvent&)> on_event_;

  std::shared_ptr<ConnectionContext> context_;
  ConnectionPool pool_;
  Resolver resolver_;
  CircuitBreaker breaker_;
  Timer timer_;
  std::deque<OutboundRequest> resend_;     // taken from connections that had been closed; connections_max at most
  std::optional<SessionLanes> lanes_;      // with session_affinity
  std::vector<std::size_t> ready_lanes_;   // of one dispatch
  std::optional<IpAddress> good_address_;  // that was connected to last
  unsigned connect_failures_ = 0;          // in a row
  MonotonicTime connect_again_at_{};
  bool dispatching_ = false;
  bool tick_armed_ = false;
  bool told_open_ = false;
  bool stopped_ = false;

  // Read from any thread.
  std::atomic<bool> refuses_{false};
  std::atomic<BreakerState> state_{BreakerState::closed};
  Counter connects_;
  Counter connect_failures_total_;
  Counter stale_connections_;
  Counter breaker_openings_;
  std::array<Counter, 6> responses_;
  Histogram delay_{Histogram::one_hour_ns};
  Histogram latency_{Histogram::one_hour_ns};
  mutable std::mutex error_mutex_;  // guards the two below
  std::string last_error_;
  WallTime last_error_at_{};
};

}  // namespace understudy
