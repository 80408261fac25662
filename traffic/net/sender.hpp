// Sends the requests of one source to one target, over a pool of kept-alive connections, and survives the target.
//
// - A request is taken from the source only when a connection is ready for it, so a dead, slow or hung target holds at
//   most `connections_max` requests; the rest wait in the source's queue, under its limits.
// - A request is written to a connection once. When a kept connection turns out to be closed before any byte of the
//   request was written, another connection is taken. When a byte may have reached the target, the request is never
//   sent again: it is lost to `connection_lost`.
// - Connects (with the proxy's tunnel and the TLS handshake) are tried `connect_attempts` times with a growing pause,
//   over all addresses of the host. Then the circuit breaker opens.
// - The circuit breaker opens after that, or after `breaker_failures` requests in a row that got no whole response.
// What
//   is queued then is lost, and what comes later is lost to `breaker_open` at once. After a pause, doubled each time up
//   to `breaker_pause_max`, one connection and one request are tried; a whole response closes the breaker. A response
//   of any status is a whole response: 500 says that the target lives.
// - A response is read to its end and counted; its bytes are not kept unless `keep_response_max` asks.
//
// With `session_affinity`, the requests of one production session go out in their order, each after the response to the
// one before, over one connection at a time (see session_lanes.hpp). Without it, requests go to any idle connection, so
// two requests of one session may overtake each other.
//
// Threads: made anywhere, then everything on the loop's thread, except status().
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "traffic/base/clock.hpp"
#include "traffic/net/circuit_breaker.hpp"
#include "traffic/net/event_loop.hpp"
#include "traffic/net/outbound.hpp"
#include "traffic/net/target.hpp"
#include "traffic/net/tls.hpp"
#include "traffic/observe/histogram.hpp"

namespace understudy {

struct SenderOptions {
  TargetUrl target;
  std::optional<TargetUrl> proxy;
  std::shared_ptr<TlsContext> tls;  // REQUIRED for an https target

  std::size_t connections_max = 64;
  bool session_affinity = false;
  // Responses are handed to the source whole, with bodies up to so many bytes; of a larger one only the head is kept.
  // 0: responses are read and counted, nothing of them is kept.
  std::uint64_t keep_response_max = 0;
  std::size_t keep_memory_max = std::size_t{64} << 20U;     // of all responses in progress together
  Nanoseconds connect_timeout = std::chrono::seconds(5);    // each address; tunnel and TLS handshake likewise
  Nanoseconds response_timeout = std::chrono::seconds(30);  // first byte written until the response's last byte
  // Shorter than what common servers grant (Node.js 5 s), so that a kept connection is rarely found closed.
  Nanoseconds idle_limit = std::chrono::seconds(4);
  Nanoseconds dns_lifetime = std::chrono::seconds(30);
  unsigned connect_attempts = 3;
  Nanoseconds connect_pause =
      std::chrono::milliseconds(100);  // before the second attempt; doubled for each further one
  unsigned breaker_failures = 5;
  Nanoseconds breaker_pause = std::chrono::seconds(1);
  Nanoseconds breaker_pause_max = std::chrono::seconds(30);
};

// "closed", "open", "half_open".
[[nodiscard]] std::string_view to_string(BreakerState state);

// What became of the target, for the log. `text` is a sentence without secrets.
struct SenderEvent {
  enum class Kind : std::uint8_t { breaker_opened, breaker_closed, connect_failed };
  Kind kind;
  std::string text;
};

// A plain copy of a sender's state.
struct SenderStatus {
  BreakerState breaker = BreakerState::closed;
  std::size_t connections_open = 0;  // ready or busy
  std::size_t connections_connecting = 0;
  std::size_t in_flight = 0;   // requests written, or being written, without a whole response
  std::uint64_t connects = 0;  // successful, with tunnel and handshake
  std::uint64_t connect_failures = 0;
  std::uint64_t stale_connections = 0;  // kept connections that the target had closed
  std::uint64_t tls_resumptions = 0;
  std::uint64_t requests_sent = 0;  // written whole
  std::uint64_t responses[6] = {};  // by class: [2] is 2xx; [0] counts other numbers
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t breaker_openings = 0;
  std::string last_error;  // empty: none yet
  WallTime last_error_at;
};

class Sender {
 public:
  // `on_event` is called on the loop's thread. All references outlive the sender.
  Sender(EventLoop& loop, const Clock& clock, SenderOptions options, RequestSource& source,
         std::function<void(const SenderEvent&)> on_event);
  // Stops. REQUIRES: on the loop's thread.
  ~Sender();

  // The source has a request, or may have one.
  void wake();
  // Takes nothing more from the source and closes all connections; requests in flight are finished as lost to
  // `shutdown`, and the source is told to discard what it has queued for the same reason.
  void stop();

  // True while requests are lost to breaker_open at once. Any thread.
  [[nodiscard]] bool refuses() const;
  [[nodiscard]] std::size_t in_flight() const;
  // Any thread.
  [[nodiscard]] SenderStatus status() const;
  // First byte written minus captured_at, and first byte written until last byte read; nanoseconds. Any thread may take
  // a snapshot.
  [[nodiscard]] const Histogram& wire_to_shadow_delay() const;
  [[nodiscard]] const Histogram& response_latency() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace understudy
