#include "replay/run/shard.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

#include "replay/run/flights.hpp"
#include "replay/run/target_source.hpp"
#include "traffic/base/bounded_queue.hpp"
#include "traffic/base/check.hpp"
#include "traffic/base/thread_time.hpp"
#include "traffic/rules/self_traffic.hpp"

namespace understudy {
namespace {

using Timer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                      boost::asio::io_context::executor_type>;

void add(std::vector<LoadFigures>& sums, const std::vector<LoadFigures>& others) {
  sums.resize(std::max(sums.size(), others.size()));
  for (std::size_t i = 0; i < others.size(); ++i) sums[i] += others[i];
}

constexpr std::uint64_t pumps_between_clocks = 64;

}  // namespace

ShardFigures& ShardFigures::operator+=(const ShardFigures& other) {
  add(targets, other.targets);
  target_errors.resize(std::max(target_errors.size(), other.target_errors.size()));
  for (std::size_t i = 0; i < other.target_errors.size(); ++i) {
    if (!other.target_errors[i].empty()) target_errors[i] = other.target_errors[i];
  }
  return *this;
}

MeasuredFigures& MeasuredFigures::operator+=(const MeasuredFigures& other) {
  add(targets, other.targets);
  for (const auto& [route, outcomes] : other.routes) routes[route] += outcomes;
  excluded += other.excluded;
  return *this;
}

class Shard::Impl final : private TargetOwner {
 public:
  Impl(const Clock& clock, const CurrentRules& rules, ShardOptions options)
      : clock_(clock),
        options_(std::move(options)),
        queue_(options_.queue_max + options_.pending_max, options_.queue_bytes_max),
        timer_(loop_.context()) {
    for (std::size_t index = 0; index < options_.targets.size(); ++index) add_target(rules, index);
  }

  ~Impl() override { stop(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start_at(MonotonicTime start) { start_ = start; }

  bool offer(Scheduled& item) {
    // Requests under way keep their bytes counted, but only those that wait for their time count against queue_max.
    if (queue_.waiting() >= options_.queue_max) return false;
    const std::uint64_t memory = item.memory;
    if (!queue_.push(std::move(item), memory)) return false;
    if (asleep_.exchange(false, std::memory_order_acq_rel)) loop_.post([this] { pump(); });
    return true;
  }

  [[nodiscard]] std::uint64_t unfinished() const { return queue_.held(); }

  [[nodiscard]] std::uint64_t handed() const { return handed_.value() + handed_excluded_.value(); }
  [[nodiscard]] MonotonicTime last_sent_at() const {
    return MonotonicTime(Nanoseconds(last_sent_ns_.load(std::memory_order_relaxed)));
  }

  void discard_queued() {
    loop_.run([this] {
      discarding_ = true;
      pump();
    });
  }

  void stop() {
    loop_.run([this] {
      discarding_ = true;
      pump();
      for (auto& target : targets_) {
        if (target->sender) target->last_status = target->sender->status();
        target->sender.reset();
      }
      timer_.cancel();
    });
  }

  [[nodiscard]] ShardFigures figures() const {
    ShardFigures figures;
    for (const auto& target : targets_) {
      LoadFigures sum;
      sum.planned = handed();
      target->measured.add_to(sum);
      if (target->excluded) target->excluded->add_to(sum);
      add_status(*target, sum);
      figures.targets.push_back(std::move(sum));
      figures.target_errors.push_back(target->status().last_error);
    }
    return figures;
  }

  // Bytes and connections are of the whole run.
  [[nodiscard]] MeasuredFigures measured() const {
    MeasuredFigures figures;
    for (const auto& target : targets_) {
      LoadFigures sum;
      sum.planned = handed_.value();
      target->measured.add_to(sum);
      add_status(*target, sum);
      figures.targets.push_back(std::move(sum));
    }
    targets_.front()->measured.add_routes_to(figures.routes);
    figures.excluded = handed_excluded_.value();
    return figures;
  }

  [[nodiscard]] Nanoseconds cpu_time() const { return Nanoseconds(cpu_ns_.load(std::memory_order_relaxed)); }

 private:
  struct Target {
    explicit Target(bool with_routes) : measured(with_routes) {}
    [[nodiscard]] SenderStatus status() const { return sender ? sender->status() : last_status; }

    std::unique_ptr<ReplayEditor> editor;  // may be null
    std::unique_ptr<TargetSource> source;
    Measurement measured;
    std::optional<Measurement> excluded;  // where there is a warm-up or a cool-down
    std::optional<Sender> sender;
    SenderStatus last_status;  // once there is no sender
  };

  static void add_status(const Target& target, LoadFigures& sum) {
    const SenderStatus status = target.status();
    sum.connections_opened += status.connects;
    sum.bytes_out += status.bytes_sent;
    sum.bytes_in += status.bytes_received;
  }

  void add_target(const CurrentRules& rules, std::size_t index) {
    const RunTarget& wanted = options_.targets[index];
    auto target = std::make_unique<Target>(index == 0);
    if (options_.measure_from.count() > 0 || options_.measure_until) target->excluded.emplace(false);
    if (options_.make_editor) target->editor = options_.make_editor(index);
    target->source = std::make_unique<TargetSource>(index, flights_, static_cast<TargetOwner&>(*this), rules,
                                                    RequestSerializerOptions{
                                                        .target = wanted.sender.target,
                                                        .original_host = wanted.original_host,
                                                        .forwarded_for = wanted.forwarded_for,
                                                        .marker_name = std::string(mirrored_header),
                                                        .marker_value = options_.marker_value,
                                                        .editor = target->editor.get(),
                                                    });
    target->sender.emplace(loop_, clock_, wanted.sender, *target->source, [this, index](const SenderEvent& event) {
      if (options_.on_event) options_.on_event(index, event);
    });
    targets_.push_back(std::move(target));
  }

  // Hands on everything that is due, then waits for what comes next. A handler that it runs may ask for it again.
  void pump() {
    if (std::exchange(pumping_, true)) {
      pump_again_ = true;
      return;
    }
    do {
      pump_again_ = false;
      if (hand_out_due()) {
        for (auto& target : targets_) {
          if (target->sender) target->sender->wake();
        }
      }
    } while (pump_again_);
    pumping_ = false;
    note_cpu_time();
  }

  // The thread's clock is a system call, so it is read now and then only.
  void note_cpu_time() {
    if (++pumps_ % pumps_between_clocks != 0 && !discarding_) return;
    cpu_ns_.store(thread_cpu_time().count(), std::memory_order_relaxed);
  }

  // True when something was handed on.
  bool hand_out_due() {
    bool any = false;
    while (true) {
      if (!next_) next_ = take();
      if (!next_) return any;
      if (discarding_) {
        queue_.release(next_->memory);
        next_.reset();
        continue;
      }
      const MonotonicTime now = clock_.monotonic_now();
      if (options_.concurrency != 0) {
        if (flights_.size() >= options_.concurrency) return any;
      } else if (goes_out_at(*next_) > now) {
        wait_until(goes_out_at(*next_), now);
        return any;
      }
      hand_out(std::exchange(next_, std::nullopt).value(), now);
      any = true;
    }
  }

  [[nodiscard]] std::optional<Scheduled> take() {
    if (auto item = queue_.pop()) return item;
    // Both sides exchange the flag: whoever comes second sees what the other did before.
    asleep_.exchange(true, std::memory_order_acq_rel);
    return queue_.pop();
  }

  [[nodiscard]] MonotonicTime goes_out_at(const Scheduled& item) const {
    if (options_.quantum.count() == 0) return start_ + item.due;
    const auto quanta = (item.due + options_.quantum - Nanoseconds(1)) / options_.quantum;
    return start_ + quanta * options_.quantum;
  }

  // One timer, set to an absolute time; the last `spin` of the wait is polled, with the sockets looked at meanwhile.
  void wait_until(MonotonicTime due, MonotonicTime now) {
    if (due - now <= options_.spin) {
      if (!std::exchange(polling_, true)) {
        boost::asio::post(loop_.context(), [this] {
          polling_ = false;
          pump();
        });
      }
      return;
    }
    const MonotonicTime wake = due - options_.spin;
    if (armed_for_ == wake) return;
    armed_for_ = wake;
    timer_.expires_at(std::chrono::time_point_cast<std::chrono::steady_clock::duration>(wake));
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      armed_for_ = {};
      pump();
    });
  }

  void hand_out(Scheduled&& item, MonotonicTime now) {
    Flight flight;
    flight.due = options_.concurrency != 0 ? now : start_ + item.due;
    flight.handed = now;
    flight.missing = targets_.size();
    flight.measured =
        item.due >= options_.measure_from && (!options_.measure_until || item.due < *options_.measure_until);
    (flight.measured ? handed_ : handed_excluded_).add();
    if (options_.concurrency == 0) measurement_of(*targets_.front(), flight).lateness(now - flight.due);
    if (options_.on_completed) flight.answers.resize(targets_.size());
    flight.item = std::move(item);
    const bool too_many = flights_.size() >= options_.pending_max;
    const Flights::Ticket ticket = flights_.add(std::move(flight));
    if (!too_many) {
      for (auto& target : targets_) target->source->add(ticket);
      return;
    }
    for (std::size_t index = 0; index < targets_.size(); ++index) {
      TargetAnswer answer;
      answer.lost = LossReason::queue_full;
      on_answer(index, ticket, OutboundRequest{}, std::move(answer));
    }
  }

  [[nodiscard]] static Measurement& measurement_of(Target& target, const Flight& flight) {
    return flight.measured ? target.measured : *target.excluded;
  }

  void on_answer(std::size_t index, Flights::Ticket ticket, const OutboundRequest& request,
                 TargetAnswer&& answer) override {
    Flight& flight = flights_.at(ticket);
    Measurement& measurement = measurement_of(*targets_[index], flight);
    const bool was_sent = request.sent_at != MonotonicTime{};
    if (answer.lost) {
      measurement.lost(flight.item.route, *answer.lost, was_sent);
    } else {
      measurement.delivered(flight.item.route, answer.status, request.sent_at + answer.latency - flight.due,
                            answer.latency);
    }
    if (was_sent) {
      measurement.waited(request.sent_at - flight.handed);
      last_sent_ns_.store(
          std::max(last_sent_ns_.load(std::memory_order_relaxed), request.sent_at.time_since_epoch().count()),
          std::memory_order_relaxed);
    }
    if (targets_[index]->editor) {
      targets_[index]->editor->learn(*flight.item.exchange, answer.response ? &*answer.response : nullptr);
    }
    if (!flight.answers.empty()) flight.answers[index] = std::move(answer);
    if (--flight.missing > 0) return;
    finish(ticket);
  }

  void finish(Flights::Ticket ticket) {
    Flight flight = flights_.remove(ticket);
    const std::uint64_t memory = flight.item.memory;
    if (options_.on_completed) options_.on_completed({std::move(flight.item), std::move(flight.answers)});
    queue_.release(memory);
    if (options_.concurrency != 0) pump();
  }

  const Clock& clock_;
  const ShardOptions options_;
  BoundedQueue<Scheduled> queue_;
  EventLoop loop_;
  Timer timer_;
  Flights flights_;
  std::vector<std::unique_ptr<Target>> targets_;
  MonotonicTime start_{};
  MonotonicTime armed_for_{};
  std::optional<Scheduled> next_;  // taken from the queue, not yet due
  std::uint64_t pumps_ = 0;
  bool pumping_ = false;
  bool pump_again_ = false;
  bool polling_ = false;
  bool discarding_ = false;
  Counter handed_;
  Counter handed_excluded_;  // within warm-up and cool-down
  std::atomic<Nanoseconds::rep> cpu_ns_{0};
  std::atomic<Nanoseconds::rep> last_sent_ns_{0};
  alignas(64) std::atomic<bool> asleep_{true};
};

Result<std::unique_ptr<Shard>> Shard::create(const Clock& clock, const CurrentRules& rules, ShardOptions options) {
  CHECK(!options.targets.empty());
  for (RunTarget& target : options.targets) {
    if (!target.sender.target.is_tls) continue;
    auto tls = TlsContext::create(target.tls, target.sender.target.host);
    if (!tls) return tl::unexpected(std::move(tls.error()));
    target.sender.tls = std::move(*tls);
  }
  return std::unique_ptr<Shard>(new Shard(std::make_unique<Impl>(clock, rules, std::move(options))));
}

Shard::Shard(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Shard::~Shard() = default;
void Shard::start_at(MonotonicTime start) { impl_->start_at(start); }
bool Shard::offer(Scheduled& item) { return impl_->offer(item); }
std::uint64_t Shard::unfinished() const { return impl_->unfinished(); }
std::uint64_t Shard::handed() const { return impl_->handed(); }
MonotonicTime Shard::last_sent_at() const { return impl_->last_sent_at(); }
void Shard::discard_queued() { impl_->discard_queued(); }
void Shard::stop() { impl_->stop(); }
ShardFigures Shard::figures() const { return impl_->figures(); }
MeasuredFigures Shard::measured() const { return impl_->measured(); }
Nanoseconds Shard::cpu_time() const { return impl_->cpu_time(); }

}  // namespace understudy
