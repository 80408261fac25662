#include "replay/run/comparer.hpp"

#include <atomic>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

#include "replay/report/comparison_result.hpp"
#include "traffic/base/bounded_queue.hpp"
#include "traffic/base/counter.hpp"

namespace understudy {
namespace {

[[nodiscard]] std::uint64_t memory_of(const CompletedRequest& request) {
  std::uint64_t memory = request.item.memory;
  for (const TargetAnswer& answer : request.answers) memory += answer.response ? answer.response->memory() : 0;
  return memory;
}

}  // namespace

class Comparer::Impl {
 public:
  Impl(const ComparerOptions& options, CompareRules rules) : options_(options), comparison_(std::move(rules)) {
    for (std::size_t i = 0; i < options.shards; ++i) {
      queues_.push_back(std::make_unique<Queue>(options.queue_requests_max, options.queue_bytes_max / options.shards));
    }
    thread_ = std::thread([this] { run(); });
  }

  ~Impl() {
    abandoned_.store(true, std::memory_order_relaxed);
    finish();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void offer(std::size_t shard, CompletedRequest&& request) {
    Queue& queue = *queues_[shard];
    const std::uint64_t memory = memory_of(request);
    if (!queue.items.push({std::move(request), memory}, memory)) return queue.dropped.add();
    if (asleep_.exchange(false, std::memory_order_acq_rel)) wake_.release();
  }

  void finish() {
    if (!thread_.joinable()) return;
    finishing_.store(true, std::memory_order_release);
    wake_.release();
    thread_.join();
    for (const auto& queue : queues_) {
      for (std::uint64_t i = queue->dropped.value(); i > 0; --i) comparison_.note_dropped();
    }
  }

  [[nodiscard]] ComparisonCounts counts() const {
    ComparisonCounts counts = comparison_counts(comparison_.book().totals());
    if (!thread_.joinable()) return counts;
    for (const auto& queue : queues_) counts.not_comparable += queue->dropped.value();
    return counts;
  }

  [[nodiscard]] const DifferenceBook& book() const { return comparison_.book(); }

 private:
  struct Item {
    CompletedRequest request;
    std::uint64_t memory = 0;
  };
  struct Queue {
    Queue(std::size_t requests_max, std::uint64_t bytes_max) : items(requests_max, bytes_max) {}
    BoundedQueue<Item> items;
    Counter dropped;
  };

  void run() {
    while (!abandoned_.load(std::memory_order_relaxed)) {
      const bool finishing = finishing_.load(std::memory_order_acquire);
      bool any = false;
      for (const auto& queue : queues_) {
        while (auto item = queue->items.pop()) {
          compare(item->request);
          item->request = {};
          queue->items.release(item->memory);
          any = true;
        }
      }
      if (any) continue;
      if (finishing) return;
      sleep();
    }
  }

  // Both sides exchange the flag: whoever comes second sees what the other did before.
  void sleep() {
    asleep_.exchange(true, std::memory_order_acq_rel);
    bool nothing = !finishing_.load(std::memory_order_acquire);
    for (const auto& queue : queues_) nothing = nothing && queue->items.empty();
    if (nothing) wake_.acquire();
    asleep_.exchange(false, std::memory_order_acq_rel);
  }

  void compare(const CompletedRequest& request) {
    const CapturedRequest& recorded = *request.item.exchange->request;
    const auto response_of = [&](std::size_t target) -> const HttpMessage* {
      return request.answers[target].response ? &*request.answers[target].response : nullptr;
    };
    ComparedExchange exchange;
    exchange.request = {.route = request.item.route,
                        .number = request.item.number,
                        .method = recorded.message.method(),
                        .target = recorded.message.target()};
    exchange.candidate = response_of(0);
    if (request.answers[0].lost) exchange.candidate_failure = to_string(*request.answers[0].lost);
    if (options_.against_baseline) {
      exchange.expected = response_of(1);
    } else if (const auto& response = request.item.exchange->response) {
      exchange.expected = &response->message;
      exchange.expected_complete = response->complete;
    }
    if (options_.second_baseline) {
      exchange.second_baseline = response_of(2);
      exchange.has_second_baseline = true;
      if (request.answers[2].lost) exchange.second_baseline_failure = to_string(*request.answers[2].lost);
    }
    comparison_.add(exchange);
  }

  const ComparerOptions options_;
  Comparison comparison_;
  std::vector<std::unique_ptr<Queue>> queues_;
  std::counting_semaphore<> wake_{0};
  std::atomic<bool> asleep_{false};
  std::atomic<bool> finishing_{false};
  std::atomic<bool> abandoned_{false};
  std::thread thread_;  // last: it uses all of the above
};

Comparer::Comparer(const ComparerOptions& options, CompareRules rules)
    : impl_(std::make_unique<Impl>(options, std::move(rules))) {}
Comparer::~Comparer() = default;
void Comparer::offer(std::size_t shard, CompletedRequest&& request) { impl_->offer(shard, std::move(request)); }
void Comparer::finish() { impl_->finish(); }
ComparisonCounts Comparer::counts() const { return impl_->counts(); }
const DifferenceBook& Comparer::book() const { return impl_->book(); }

}  // namespace understudy
