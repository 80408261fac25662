#include "traffic/pipeline/recording_sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

#include "traffic/base/bounded_queue.hpp"
#include "traffic/pipeline/queued_records.hpp"
#include "traffic/pipeline/recording_encoder.hpp"
#include "traffic/pipeline/recording_writer.hpp"
#include "traffic/recording/append_file.hpp"
#include "traffic/recording/take_reader.hpp"

namespace understudy {
namespace {

constexpr Nanoseconds lossless_wait = std::chrono::milliseconds(1);
constexpr int items_max = 1024;  // taken between two looks at the clock
// While exchanges come, the writer lets them gather so long before it takes them: a wake-up for each batch costs more
// than writing it does.
constexpr Nanoseconds gather_max = std::chrono::milliseconds(200);
// A worker keeps records until their batch is full, or so long: some exchanges at a time come with each batch of
// packets, and a block of memory and a place in the queue for those cost as much as their records.
constexpr Nanoseconds hold_max = std::chrono::milliseconds(100);

// Zero where the flush interval leaves no time for it. A batch is looked at when a batch of packets ends.
Nanoseconds hold_interval(Nanoseconds flush_interval) {
  return flush_interval >= 5 * batch_interval_max ? hold_max : Nanoseconds(0);
}

std::unique_ptr<RecordingEncoder> make_encoder(const RecordingOptions& options, const Ledger& ledger,
                                               const Clock& clock) {
  if (options.format == RecordingFormat::jsonl) return make_jsonl_encoder(options.instance);
  TakeRecordingOptions take;
  take.origin = options.origin;
  take.origin.emplace_back("instance", options.instance);
  take.origin.emplace_back("created", fmt::format("{}", clock.wall_now().time_since_epoch().count()));
  take.origin.emplace_back("flush",
                           fmt::format("{:g} s", std::chrono::duration<double>(options.flush_interval).count()));
  take.key = options.key;
  take.ledger = [capture = options.capture_ledger, &ledger] {
    TakeLedger both = capture ? capture() : TakeLedger{};
    both.recording = ledger.totals();
    return both;
  };
  return make_take_encoder(std::move(take), clock);
}

}  // namespace

// Threads: workers push into their own queue; the writer thread does everything else. A sleeping writer is woken by the
// worker that finds it so: `asleep` at the first item, `gathering` only when a queue is a quarter full. So a busy
// one costs its workers one atomic exchange and no system call.
class RecordingSink::Impl {
 public:
  Impl(RecordingOptions options, RecordingFiles files, std::unique_ptr<AppendFile> file, const CurrentRules& rules,
       Ledger& ledger, const Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        ledger_(ledger),
        writer_(writer_options(), std::move(files), std::move(file), make_encoder(options_, ledger, clock), rules,
                ledger.make_shard(), clock,
                [this](const RecordingWriter::Item& item) { queues_[item.worker]->release(item.bytes); }) {
    const unsigned workers = std::max(1U, options_.workers);
    for (unsigned i = 0; i < workers; ++i) {
      queues_.push_back(std::make_unique<Queue>(std::max<std::size_t>(1, options_.queue_items_max / workers),
                                                options_.queue_bytes_max / workers));
      shards_.push_back(&ledger.make_shard());
      if (options_.format == RecordingFormat::take) batches_.push_back(std::make_unique<HeldBatch>(rules));
    }
  }

  ~Impl() {
    if (thread_.joinable()) drain(clock_.monotonic_now());
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] const std::string& name() const { return options_.path; }

  void offer(OfferedExchange& exchange, unsigned worker) {
    if (!is_running_.load(std::memory_order_acquire)) [[unlikely]]
      start();
    shards_[worker]->seen();
    if (!batches_.empty()) {
      RecordBatch& batch = batches_[worker]->records;
      if (batch.add(exchange)) {
        if (batch.full()) hand_over_batch(worker);
        return;
      }
      hand_over_batch(worker);  // what came before it
    }
    QueuedRecords large;
    large.exchange = exchange.share();
    hand_over(std::move(large), worker);
  }

  // Of packets. Hands the batch of records over when it has been held long enough.
  void end_batch(unsigned worker) {
    if (batches_.empty() || batches_[worker]->records.empty()) return;
    if (hold_interval_ > Nanoseconds(0)) {
      HeldBatch& batch = *batches_[worker];
      const MonotonicTime now = clock_.monotonic_now();
      if (!batch.due) batch.due = now + hold_interval_;
      if (now < *batch.due) return;
    }
    hand_over_batch(worker);
  }

  void drain(MonotonicTime deadline) {
    for (unsigned worker = 0; worker < batches_.size(); ++worker) hand_over_batch(worker);
    if (!thread_.joinable()) return writer_.finish();
    stopping_.store(true, std::memory_order_release);
    wake_.release();
    const Nanoseconds left = std::max(Nanoseconds(0), deadline - clock_.monotonic_now());
    if (!finished_.try_acquire_for(left)) {
      abandoned_.store(true, std::memory_order_release);
      writer_.interrupt();
      wake_.release();
    }
    thread_.join();
    writer_.give_up();
    for (unsigned worker = 0; worker < queues_.size(); ++worker) {
      while (const auto item = queues_[worker]->pop()) {
        shards_[worker]->lost(writer_.paused() ? writer_.pause_reason() : LossReason::shutdown,
                              item->records.exchanges());
        queues_[worker]->release(item->bytes);
      }
    }
  }

  // Those of a batch that has not ended are none of the queue's, but wait as well.
  [[nodiscard]] std::size_t queued_exchanges() const {
    return static_cast<std::size_t>(std::max<std::int64_t>(ledger_.totals().in_flight(), 0));
  }
  [[nodiscard]] std::size_t queued_bytes() const {
    std::size_t sum = 0;
    for (const auto& queue : queues_) sum += static_cast<std::size_t>(queue->bytes());
    return sum;
  }

 private:
  using Queue = BoundedQueue<RecordingWriter::Item>;
  static constexpr std::uint8_t no_trouble = 0xFF;

  struct HeldBatch {
    explicit HeldBatch(const CurrentRules& rules) : records(rules) {}
    RecordBatch records;
    std::optional<MonotonicTime> due;  // once a batch of packets has ended behind its first record
  };

  // The writer counts from when it takes an exchange, which may have been held and have gathered before.
  [[nodiscard]] RecordingOptions writer_options() const {
    RecordingOptions options = options_;
    options.flush_interval -= gather_interval_;
    if (hold_interval_ > Nanoseconds(0)) options.flush_interval -= hold_interval_ + batch_interval_max;
    return options;
  }

  void hand_over_batch(unsigned worker) {
    HeldBatch& batch = *batches_[worker];
    batch.due.reset();
    if (!batch.records.empty()) hand_over(batch.records.take(), worker);
  }

  void hand_over(QueuedRecords&& records, unsigned worker) {
    RecordingWriter::Item item{std::move(records), 0, worker};
    const std::uint64_t bytes = item.bytes = item.records.memory();
    while (true) {
      // Before the push: a pause that begins behind it is seen at the next one.
      const std::uint8_t trouble = trouble_.load(std::memory_order_acquire);
      if (queues_[worker]->push(std::move(item), bytes)) break;
      if (options_.lossless && trouble == no_trouble) {
        wait_for_room();
        continue;
      }
      shards_[worker]->lost(trouble == no_trouble ? LossReason::queue_full : static_cast<LossReason>(trouble),
                            item.records.exchanges());
      return;
    }
    wake(worker);
  }

  void start() {
    std::call_once(started_, [this] {
      thread_ = std::thread([this] { run_guarded(); });
      is_running_.store(true, std::memory_order_release);
    });
  }

  enum class Rest : std::uint8_t { awake, gathering, asleep };

  // After a push into the worker's queue.
  void wake(unsigned worker) {
    // Gathering ends by itself, so a load that comes too early does no harm.
    if (rest_.load(std::memory_order_relaxed) == Rest::gathering && !has_gathered(*queues_[worker])) return;
    wake_now();
  }

  void wake_now() {
    // An exchange and no load: it is ordered behind the push for the writer, which sets the state and then looks again.
    if (rest_.exchange(Rest::awake, std::memory_order_acq_rel) != Rest::awake) wake_.release();
  }

  // Only where exchanges come from a file: the input waits for the disk. The writer writes out what it has buffered as
  // soon as somebody waits and there is nothing more to take.
  void wait_for_room() {
    waiting_.fetch_add(1, std::memory_order_acq_rel);
    wake_now();
    std::this_thread::sleep_for(lossless_wait);
    waiting_.fetch_sub(1, std::memory_order_acq_rel);
  }

  // An exception (of an allocation) ends the recording, not the mirror: the queues fill, and the loss has a name.
  void run_guarded() {
    try {
      run();
    } catch (const std::exception& error) {
      trouble_.store(static_cast<std::uint8_t>(LossReason::write_failed), std::memory_order_release);
      if (options_.on_trouble) {
        options_.on_trouble({true, LossReason::write_failed,
                             "recording to '" + options_.path + "' has ended for good: " + error.what()});
      }
    }
    finished_.release();
  }

  void run() {
    bool retried = false;
    bool gathered = false;
    while (!abandoned_.load(std::memory_order_acquire)) {
      const bool stopping = stopping_.load(std::memory_order_acquire);
      if (stopping && writer_.paused() && !std::exchange(retried, true)) writer_.retry_now();
      const bool took = take_some();
      if (took) writer_.write_whole();
      writer_.tick();
      const bool idle = !took;
      const bool is_pressed = stopping || waiting_.load(std::memory_order_acquire) > 0;
      if ((idle && is_pressed) || (queues_empty() && half_full())) writer_.flush();
      publish_trouble();
      // A disk that is still full when asked to stop will stay so for the time that is left.
      if (stopping && idle && (writer_.paused() ? retried : queues_empty())) break;
      // What came is let gather; when nothing came meanwhile, the next exchange is waited for.
      if (took) gathered = false;
      if (!took || queues_empty()) gathered = rest(gathered ? Rest::asleep : Rest::gathering);
    }
    if (!abandoned_.load(std::memory_order_acquire)) writer_.finish();
    publish_trouble();
  }

  // Moves exchanges from the queues to the writer, one of each in turn. False when there was none to take.
  bool take_some() {
    int taken = 0;
    for (bool any = true; any && taken < items_max;) {
      any = false;
      for (const auto& queue : queues_) {
        if (writer_.paused()) return false;
        auto item = queue->pop();
        if (!item) continue;
        writer_.add(std::move(*item));
        any = true;
        ++taken;
      }
    }
    return taken != 0;
  }

  [[nodiscard]] bool queues_empty() const {
    return std::ranges::all_of(queues_, [](const auto& queue) { return queue->empty(); });
  }

  // What is buffered counts against the queues' limits: written early, it makes room before the queues are full.
  [[nodiscard]] bool half_full() const {
    const std::size_t workers = queues_.size();
    return std::ranges::any_of(queues_, [&](const auto& queue) {
      return queue->held() > options_.queue_items_max / workers / 2 ||
             queue->bytes() > options_.queue_bytes_max / workers / 2;
    });
  }

  // Enough waits in the queue to wake a writer that lets exchanges gather.
  [[nodiscard]] bool has_gathered(const Queue& queue) const {
    const std::size_t workers = queues_.size();
    return queue.waiting() > options_.queue_items_max / workers / 4 ||
           queue.bytes() > options_.queue_bytes_max / workers / 2;
  }

  void publish_trouble() {
    const std::uint8_t trouble = writer_.paused() ? static_cast<std::uint8_t>(writer_.pause_reason()) : no_trouble;
    trouble_.store(trouble, std::memory_order_release);
  }

  // Waits until a worker wakes it, or something is due. True when it was gathering.
  bool rest(Rest how) {
    rest_.exchange(how, std::memory_order_acq_rel);
    const bool gathers = how == Rest::gathering;
    const bool nothing_to_take =
        writer_.paused() ||
        (gathers ? std::ranges::none_of(queues_, [this](const auto& queue) { return has_gathered(*queue); })
                 : queues_empty());
    const bool asked = stopping_.load(std::memory_order_acquire) || waiting_.load(std::memory_order_acquire) > 0;
    if (nothing_to_take && !asked) {
      std::optional<Nanoseconds> longest;
      if (const auto due = writer_.next_due()) longest = std::max(Nanoseconds(0), *due - clock_.monotonic_now());
      if (gathers) longest = std::min(gather_interval_, longest.value_or(gather_interval_));
      if (longest) {
        static_cast<void>(wake_.try_acquire_for(*longest));
      } else {
        wake_.acquire();
      }
    }
    rest_.exchange(Rest::awake, std::memory_order_acq_rel);
    return gathers;
  }

  const RecordingOptions options_;
  const Clock& clock_;
  const Ledger& ledger_;
  std::vector<std::unique_ptr<Queue>> queues_;
  std::vector<LedgerShard*> shards_;                 // one for each worker
  std::vector<std::unique_ptr<HeldBatch>> batches_;  // one for each worker, where workers make the records
  const Nanoseconds gather_interval_{std::min(gather_max, options_.flush_interval / 4)};
  const Nanoseconds hold_interval_{hold_interval(options_.flush_interval)};
  RecordingWriter writer_;
  std::counting_semaphore<> wake_{0};
  std::binary_semaphore finished_{0};
  std::atomic<Rest> rest_{Rest::awake};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> abandoned_{false};
  std::atomic<unsigned> waiting_{0};               // workers that wait for room
  std::atomic<std::uint8_t> trouble_{no_trouble};  // a LossReason while the writer is paused
  std::once_flag started_;
  std::atomic<bool> is_running_{false};  // asked for each exchange, where call_once costs more
  std::thread thread_;                   // last: it uses all of the above
};

Result<RecordingFormat> recording_format_of(std::string_view name) {
  if (name == "-" || name.ends_with(".jsonl")) return RecordingFormat::jsonl;
  if (name.ends_with(".take")) return RecordingFormat::take;
  return fail(ExitCode::usage,
              fmt::format("'{}' tells no format: end the name with .take, or with .jsonl for JSON Lines "
                          "(- is JSON Lines on standard output)",
                          name));
}

Result<std::unique_ptr<RecordingSink>> RecordingSink::open(RecordingOptions options, const CurrentRules& rules,
                                                           Ledger& ledger, const Clock& clock) {
  if (auto name = check_recording_name(options.path); !name) return tl::unexpected(std::move(name.error()));
  RecordingFiles::Options names;
  names.name = options.path;
  names.limits = options.rotation;
  if (options.format == RecordingFormat::take) {
    names.record_end = RecordEnd::none;
    names.is_own = [host = std::string(text_of(options.origin, "host"))](const std::filesystem::path& path) {
      return !host.empty() && origin_of_take(path.string(), "host") == host;
    };
  }
  RecordingFiles files(std::move(names));
  auto file = files.open(clock.wall_now());
  if (!file) return tl::unexpected(std::move(file.error()));
  auto impl = std::make_unique<Impl>(std::move(options), std::move(files), std::move(*file), rules, ledger, clock);
  return std::unique_ptr<RecordingSink>(new RecordingSink(std::move(impl)));
}

RecordingSink::RecordingSink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecordingSink::~RecordingSink() = default;

const std::string& RecordingSink::name() const { return impl_->name(); }
SinkNeeds RecordingSink::needs() const { return {true, true, true}; }
void RecordingSink::on_request(const RequestPtr&, unsigned) {}
void RecordingSink::on_exchange(OfferedExchange& exchange, unsigned worker) { impl_->offer(exchange, worker); }
void RecordingSink::on_batch_end(unsigned worker) { impl_->end_batch(worker); }
void RecordingSink::drain(MonotonicTime deadline) { impl_->drain(deadline); }
std::size_t RecordingSink::queued_exchanges() const { return impl_->queued_exchanges(); }
std::size_t RecordingSink::queued_bytes() const { return impl_->queued_bytes(); }

}  // namespace understudy
