// Sends every request to one target, as it came apart from what the target and the rules change.
//
// Each capture worker has a queue of its own to the sender thread. A request is dropped and counted when the queues are
// full (queue_full) or the target is known to be down (breaker_open); the worker is never blocked. What is queued and
// what is in flight count together against requests_max and memory_max.
//
// On the sender thread a request's head is written anew from its own bytes, in their order and case:
//   - the target's path is put before the request's
//   - Host becomes the target's, unless `original_host`
//   - the marker field is added, by which an agent knows its own traffic
//   - X-Forwarded-For is appended to with the real client's address, where `forwarded_for`
//   - Authorization is set from the user and password of the target's URL, where it has them
//   - the rules' edits come first
//   - what else must change on the way to another server: see traffic/http/message_writer.hpp
// The body's wire bytes are sent as they are, unless a rule edits the body. CONNECT and malformed targets cannot be
// sent to another server: they are lost to not_forwardable.
//
// Ledger: seen = delivered + filtered + lost in the sink's own ledger; delivered is a whole response of any status.
//
// Threads: as Sink says; status() and ledger() from any.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/net/event_loop.hpp"
#include "traffic/net/sender.hpp"
#include "traffic/net/tls.hpp"
#include "traffic/observe/histogram.hpp"
#include "traffic/observe/ledger.hpp"
#include "traffic/pipeline/sink.hpp"
#include "traffic/rules/current_rules.hpp"

namespace understudy {

struct ForwardSinkOptions {
  SenderOptions sender;  // target, proxy, time-outs and limits; its `tls` is filled in from the field below
  TlsOptions tls;
  unsigned workers = 1;
  std::size_t requests_max = 16384;      // of all workers together, queued and in flight
  std::uint64_t memory_max = 64U << 20;  // bytes, likewise
  // For a capture file: a worker waits for room in the queue instead of losing the request. Never for the wire.
  bool lossless = false;
  bool original_host = false;
  bool forwarded_for = false;
  std::string marker_name = "Understudy-Mirrored";  // empty: no marker
  std::string marker_value;                         // the agent's instance
};

// A plain copy of a sink's state, for /status and /metrics.
struct ForwardSinkStatus {
  std::string name;
  SenderStatus sender;
  std::uint64_t queued = 0;        // requests
  std::uint64_t queued_bytes = 0;  // queued and in flight: what memory_max bounds
  LedgerTotals ledger;
  HistogramSnapshot wire_to_shadow_delay_ns;  // first byte written minus packet time of the request's last byte
  HistogramSnapshot response_latency_ns;
};

class ForwardSink final : public Sink {
 public:
  // Loads certificates; connects to nothing. `on_event` is called on the loop's thread. Errors are ExitCode::tls. The
  // loop, the clock and the rules outlive the sink.
  [[nodiscard]] static Result<std::unique_ptr<ForwardSink>> create(EventLoop& loop, const Clock& clock,
                                                                   const CurrentRules& rules,
                                                                   ForwardSinkOptions options,
                                                                   std::function<void(const SenderEvent&)> on_event);
  // Stops at once when drain() has not been called.
  ~ForwardSink() override;
  ForwardSink(const ForwardSink&) = delete;
  ForwardSink& operator=(const ForwardSink&) = delete;

  [[nodiscard]] const std::string& name() const override;
  [[nodiscard]] SinkNeeds needs() const override;
  void on_request(const RequestPtr& request, unsigned worker) override;
  void on_exchange(OfferedExchange& exchange, unsigned worker) override;
  void on_batch_end(unsigned worker) override;
  // For a reload of the configuration: make the new sinks, let the workers use them, then drain and destroy the old.
  void drain(MonotonicTime deadline) override;

  [[nodiscard]] const Ledger& ledger() const;
  [[nodiscard]] ForwardSinkStatus status() const;

 private:
  class Impl;
  explicit ForwardSink(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy
