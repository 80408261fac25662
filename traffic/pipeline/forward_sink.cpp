#include "traffic/pipeline/forward_sink.hpp"

#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "traffic/base/bounded_queue.hpp"
#include "traffic/base/check.hpp"
#include "traffic/pipeline/request_serializer.hpp"

namespace understudy {
namespace {

// A sender that sleeps is woken at the end of a batch of packets, or after so many requests of one: woken by the first
// of a few, it would be asleep again before the second.
constexpr unsigned untold_max = 16;

// A worker that waits for room looks again after this, in case the target was given up meanwhile.
constexpr auto room_wait = std::chrono::milliseconds(10);

RequestSerializerOptions serializer_options(const ForwardSinkOptions& options) {
  return {.target = options.sender.target,
          .original_host = options.original_host,
          .forwarded_for = options.forwarded_for,
          .marker_name = options.marker_name,
          .marker_value = options.marker_value};
}

}  // namespace

class ForwardSink::Impl final : private RequestSource {
 public:
  Impl(EventLoop& loop, const Clock& clock, const CurrentRules& rules, ForwardSinkOptions options,
       std::function<void(const SenderEvent&)> on_event)
      : loop_(loop),
        name_(options.sender.target.display()),
        memory_max_(options.memory_max),
        lossless_(options.lossless),
        serializer_(rules, serializer_options(options)),
        sender_ledger_(ledger_.make_shard()) {
    CHECK(options.workers > 0 && options.requests_max > 0);
    const std::size_t share = std::max<std::size_t>(options.requests_max / options.workers, 1);
    for (unsigned i = 0; i < options.workers; ++i) {
      workers_.push_back(std::make_unique<Worker>(ledger_.make_shard(), share, memory_max_));
    }
    sender_.emplace(loop, clock, std::move(options.sender), static_cast<RequestSource&>(*this), std::move(on_event));
  }

  ~Impl() override {
    loop_.run([this] { sender_.reset(); });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void offer(const RequestPtr& request, unsigned worker_index) {
    Worker& worker = *workers_[worker_index];
    worker.ledger.seen();
    if (sender_->refuses() || stopping_.load(std::memory_order_relaxed)) {
      worker.ledger.lost(refusal());
      return;
    }
    // While it is in flight its head exists a second time, as it is sent.
    Queued queued{request, request->memory() + request->message.raw_head().size()};
    if (!push(worker, queued)) {
      wake_for(worker);
      if (!lossless_ || !push_when_room(worker, queued)) {
        worker.ledger.lost(refusal());
        return;
      }
    }
    if (++worker.untold >= untold_max) wake_for(worker);
  }

  void end_batch(unsigned worker_index) {
    if (Worker& worker = *workers_[worker_index]; worker.untold > 0) wake_for(worker);
  }

  void drain(MonotonicTime deadline) {
    stopping_.store(true, std::memory_order_relaxed);
    if (asleep_.exchange(false, std::memory_order_acq_rel)) loop_.post([this] { sender_->wake(); });
    {
      std::unique_lock lock(release_mutex_);
      watched_.store(true, std::memory_order_seq_cst);
      // Woken by the last release; the limit is for one that came before watched_ was seen.
      while (held() > 0 && std::chrono::steady_clock::now() < deadline) {
        released_.wait_until(lock, std::min<MonotonicTime>(deadline, std::chrono::steady_clock::now() + room_wait));
      }
    }
    loop_.run([this] { sender_->stop(); });
  }

  [[nodiscard]] ForwardSinkStatus status() const {
    ForwardSinkStatus status;
    status.name = name_;
    status.sender = sender_->status();
    for (const auto& worker : workers_) {
      status.queued += worker->queue.waiting();
      status.queued_bytes += worker->queue.bytes();
    }
    status.ledger = ledger_.totals();
    status.wire_to_shadow_delay_ns = sender_->wire_to_shadow_delay().snapshot();
    status.response_latency_ns = sender_->response_latency().snapshot();
    return status;
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }

 private:
  struct Queued {
    RequestPtr request;
    std::uint64_t memory = 0;
  };
  struct Worker {
    Worker(LedgerShard& shard, std::size_t requests_max, std::uint64_t memory_max)
        : ledger(shard), queue(requests_max, memory_max) {}
    LedgerShard& ledger;
    unsigned untold = 0;  // pushed since the sender was last woken, or seen to be awake
    BoundedQueue<Queued> queue;
  };

  // --- capture workers ---

  void wake_for(Worker& worker) {
    worker.untold = 0;
    if (asleep_.exchange(false, std::memory_order_acq_rel)) {
      loop_.post([this] { sender_->wake(); });
    }
  }

  // Why a request is not taken now.
  [[nodiscard]] LossReason refusal() const {
    if (sender_->refuses()) return LossReason::breaker_open;
    return stopping_.load(std::memory_order_relaxed) ? LossReason::shutdown : LossReason::queue_full;
  }

  // With several workers each may overstep the common limit by the request in its hand.
  [[nodiscard]] bool push(Worker& worker, Queued& queued) {
    const std::uint64_t memory = queued.memory;
    if (workers_.size() > 1) {
      std::uint64_t held_memory = 0;
      for (const auto& other : workers_) held_memory += other->queue.bytes();
      if (held_memory > 0 && held_memory + memory > memory_max_) return false;
    }
    return worker.queue.push(std::move(queued), memory);
  }

  [[nodiscard]] bool push_when_room(Worker& worker, Queued& queued) {
    std::unique_lock lock(release_mutex_);
    watched_.store(true, std::memory_order_seq_cst);
    while (!sender_->refuses() && !stopping_.load(std::memory_order_relaxed)) {
      if (push(worker, queued)) return true;
      released_.wait_for(lock, room_wait);
    }
    return false;
  }

  // --- the loop's thread ---

  std::uint64_t waiting() override {
    if (const std::uint64_t count = count_waiting(); count > 0) return count;
    // Both sides exchange the flag: whoever comes second sees what the other did before.
    asleep_.exchange(true, std::memory_order_acq_rel);
    return count_waiting();
  }

  bool next(OutboundRequest& out) override {
    Queued queued;
    while (take(queued, out.worker)) {
      out.memory = queued.memory;
      if (serializer_.write(std::move(queued.request), out)) return true;
      finished(out, LossReason::not_forwardable);
      out.clear();
    }
    return false;
  }

  void finished(const OutboundRequest& request, const Outcome& outcome) override {
    if (const auto* reason = std::get_if<LossReason>(&outcome)) {
      sender_ledger_.lost(*reason);
    } else {
      sender_ledger_.delivered();
    }
    release(request.worker, request.memory);
  }

  void discard_queue(LossReason reason) override {
    Queued queued;
    unsigned worker = 0;
    while (take(queued, worker)) {
      sender_ledger_.lost(reason);
      queued.request.reset();
      release(worker, queued.memory);
    }
  }

  // The oldest of the workers' queues in turn.
  [[nodiscard]] bool take(Queued& queued, unsigned& worker) {
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      turn_ = turn_ + 1 < workers_.size() ? turn_ + 1 : 0;
      if (auto item = workers_[turn_]->queue.pop()) {
        queued = std::move(*item);
        worker = static_cast<unsigned>(turn_);
        return true;
      }
    }
    return false;
  }

  void release(unsigned worker, std::uint64_t memory) {
    workers_[worker]->queue.release(memory);
    if (!watched_.load(std::memory_order_relaxed)) return;
    // A drain waits for the last one, a worker of a lossless sink for any.
    if (!lossless_ && held() > 0) return;
    { const std::lock_guard lock(release_mutex_); }
    released_.notify_all();
  }

  [[nodiscard]] std::uint64_t count_waiting() const {
    std::uint64_t count = 0;
    for (const auto& worker : workers_) count += worker->queue.waiting();
    return count;
  }
  [[nodiscard]] std::uint64_t held() const {
    std::uint64_t count = 0;
    for (const auto& worker : workers_) count += worker->queue.held();
    return count;
  }

  EventLoop& loop_;
  const std::string name_;
  const std::uint64_t memory_max_;
  const bool lossless_;
  RequestSerializer serializer_;  // the loop's thread
  Ledger ledger_;
  LedgerShard& sender_ledger_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<Sender> sender_;
  std::size_t turn_ = 0;
  // Whether the next push must wake the sender. A push behind one that did costs no wake-up.
  alignas(64) std::atomic<bool> asleep_{true};
  std::atomic<bool> stopping_{false};
  // For those who wait for room or for the end; nobody does while requests come from the wire.
  std::atomic<bool> watched_{false};
  std::mutex release_mutex_;
  std::condition_variable released_;
};

Result<std::unique_ptr<ForwardSink>> ForwardSink::create(EventLoop& loop, const Clock& clock, const CurrentRules& rules,
                                                         ForwardSinkOptions options,
                                                         std::function<void(const SenderEvent&)> on_event) {
  if (options.sender.target.is_tls) {
    auto tls = TlsContext::create(options.tls, options.sender.target.host);
    if (!tls) return tl::unexpected(std::move(tls.error()));
    options.sender.tls = std::move(*tls);
  }
  return std::unique_ptr<ForwardSink>(
      new ForwardSink(std::make_unique<Impl>(loop, clock, rules, std::move(options), std::move(on_event))));
}

ForwardSink::ForwardSink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ForwardSink::~ForwardSink() = default;

const std::string& ForwardSink::name() const { return impl_->name(); }

SinkNeeds ForwardSink::needs() const { return {.request_bodies = true, .exchanges = false, .response_bodies = false}; }

void ForwardSink::on_request(const RequestPtr& request, unsigned worker) { impl_->offer(request, worker); }

void ForwardSink::on_exchange(OfferedExchange& /*exchange*/, unsigned /*worker*/) {}

void ForwardSink::on_batch_end(unsigned worker) { impl_->end_batch(worker); }

void ForwardSink::drain(MonotonicTime deadline) { impl_->drain(deadline); }

const Ledger& ForwardSink::ledger() const { return impl_->ledger(); }

ForwardSinkStatus ForwardSink::status() const { return impl_->status(); }

}  // namespace understudy
