#include "replay/run/replay_run.hpp"

#include <algorithm>
#include <utility>

namespace understudy {
namespace {

// How long a recording that is read from a pipe has to end once nobody wants more of it.
constexpr auto pipe_patience = std::chrono::seconds(1);

}  // namespace

ReplayRun::ReplayRun(ReplayRunOptions options, const Clock& clock) : options_(std::move(options)), clock_(clock) {
  if (!options_.compare) return;
  ComparerOptions comparing;
  comparing.shards = options_.threads;
  comparing.against_baseline = options_.targets.size() > 1;
  comparing.second_baseline = options_.targets.size() > 2;
  comparer_ = std::make_unique<Comparer>(comparing, options_.compare_rules);
}

Result<std::unique_ptr<ReplayRun>> ReplayRun::create(ReplayRunOptions options, std::unique_ptr<ExchangeSource> source,
                                                     OpenSource open, std::unique_ptr<Pacer> pacer, RouteTable routes,
                                                     const CurrentRules& rules, const Clock& clock) {
  std::unique_ptr<ReplayRun> run(new ReplayRun(std::move(options), clock));
  if (const Result<void> made = run->make_shards(rules); !made) return tl::unexpected(made.error());
  std::vector<Shard*> shards;
  for (const auto& shard : run->shards_) shards.push_back(shard.get());
  run->scheduler_ = std::make_unique<Scheduler>(run->options_.schedule, std::move(source), std::move(open),
                                                std::move(pacer), std::move(routes), rules, clock, std::move(shards));
  return run;
}

ReplayRun::~ReplayRun() {
  if (scheduler_ != nullptr) static_cast<void>(end());
}

Result<void> ReplayRun::make_shards(const CurrentRules& rules) {
  for (std::size_t index = 0; index < options_.threads; ++index) {
    Result<std::unique_ptr<Shard>> shard = Shard::create(clock_, rules, shard_options(index));
    if (!shard) return tl::unexpected(std::move(shard.error()));
    shards_.push_back(std::move(*shard));
  }
  return {};
}

ShardOptions ReplayRun::shard_options(std::size_t index) {
  const bool carries = !options_.carry.empty();
  const bool keeps = options_.compare || carries || options_.on_completed;
  ShardOptions shard;
  shard.targets = options_.targets;
  const std::size_t connections = std::max<std::size_t>(options_.connections / options_.threads, 1);
  for (RunTarget& target : shard.targets) {
    target.sender.connections_max = connections;
    target.sender.session_affinity = options_.keep_sessions;
    target.sender.keep_response_max = keeps ? options_.keep_response_max : 0;
  }
  shard.marker_value = options_.marker_value;
  shard.queue_bytes_max = options_.memory_max / options_.threads;
  shard.pending_max = std::max<std::size_t>(options_.pending_max / options_.threads, 1);
  shard.concurrency = options_.fast ? connections : 0;
  shard.spin = options_.spin;
  shard.quantum = options_.quantum;
  shard.measure_from = options_.warm_up;
  shard.measure_until = options_.measure_until;
  shard.on_event = options_.on_event;
  if (carries || options_.token != nullptr) {
    shard.make_editor = [this](std::size_t target) {
      // Each target has values of its own, whatever the shard that learns them.
      carried_for_all_.resize(options_.targets.size());
      auto& for_all = carried_for_all_[target];
      const CarryLimits limits;
      if (!for_all) for_all = std::make_shared<CarriedForAll>(limits.values_in_all_max, limits.memory_max);
      auto editor = std::make_unique<CarryEditor>(options_.carry, for_all, options_.token);
      editors_.push_back(editor.get());
      return editor;
    };
  }
  if (comparer_ != nullptr || options_.on_completed) {
    shard.on_completed = [this, index](CompletedRequest&& request) {
      if (options_.on_completed) options_.on_completed(request);
      if (comparer_ != nullptr) comparer_->offer(index, std::move(request));
    };
  }
  return shard;
}

void ReplayRun::start() {
  started_ = clock_.monotonic_now();
  scheduler_->start();
}

void ReplayRun::stop(bool give_up) {
  scheduler_->stop();
  if (!give_up) return;
  for (const auto& shard : shards_) shard->discard_queued();
}

bool ReplayRun::finished() const {
  return scheduler_->ended() &&
         std::ranges::all_of(shards_, [](const auto& shard) { return shard->unfinished() == 0; });
}

bool ReplayRun::all_handed_out() const {
  std::uint64_t handed = 0;
  for (const auto& shard : shards_) handed += shard->handed();
  return handed >= scheduler_->planned();
}

Nanoseconds ReplayRun::last_sent() const {
  const std::optional<MonotonicTime> start = scheduler_->started_at();
  Nanoseconds last{};
  for (const auto& shard : shards_) {
    if (start) last = std::max(last, shard->last_sent_at() - *start);
  }
  return last;
}

bool ReplayRun::end() {
  if (ended_ != MonotonicTime{}) return true;
  ended_ = clock_.monotonic_now();
  scheduler_->stop();
  for (const auto& shard : shards_) shard->stop();
  if (comparer_ != nullptr) comparer_->finish();
  return scheduler_->join(ended_ + pipe_patience);
}

ShardFigures ReplayRun::figures() const {
  ShardFigures figures;
  for (const auto& shard : shards_) figures += shard->figures();
  if (comparer_ != nullptr) figures.targets.front().comparison = comparer_->counts();
  return figures;
}

MeasuredFigures ReplayRun::measured() const {
  MeasuredFigures figures;
  for (const auto& shard : shards_) figures += shard->measured();
  if (comparer_ != nullptr) figures.targets.front().comparison = comparer_->counts();
  return figures;
}

std::vector<double> ReplayRun::sender_cpu() const {
  const MonotonicTime until = ended_ != MonotonicTime{} ? ended_ : clock_.monotonic_now();
  const double elapsed = std::chrono::duration<double>(until - started_).count();
  std::vector<double> shares;
  for (const auto& shard : shards_) {
    shares.push_back(elapsed > 0 ? std::chrono::duration<double>(shard->cpu_time()).count() / elapsed : 0);
  }
  return shares;
}

CarryCounts ReplayRun::carried() const {
  CarryCounts counts;
  for (const CarryEditor* editor : editors_) {
    counts.learnt += editor->totals().learnt.value();
    counts.not_learnt += editor->totals().not_learnt.value();
    counts.edited_requests += editor->totals().edited_requests.value();
    counts.missing_requests += editor->totals().missing_requests.value();
  }
  return counts;
}

const DifferenceBook* ReplayRun::differences() const { return comparer_ != nullptr ? &comparer_->book() : nullptr; }

}  // namespace understudy
