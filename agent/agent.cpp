#include "agent/agent.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "agent/check/check.hpp"
#include "agent/engines.hpp"
#include "agent/monitor.hpp"
#include "agent/outcome.hpp"
#include "agent/recordings.hpp"
#include "agent/safety/budget.hpp"
#include "agent/safety/cpu_governor.hpp"
#include "agent/safety/privileges.hpp"
#include "agent/shadows.hpp"
#include "agent/snapshot.hpp"
#include "agent/worker.hpp"
#include "traffic/base/shutdown.hpp"
#include "traffic/command_line/version.hpp"
#include "traffic/observe/log.hpp"
#include "traffic/observe/status_server.hpp"
#include "traffic/rules/self_traffic.hpp"

namespace understudy {
namespace {

// How often the main thread looks at rates, drops, CPU and the watchdog.
constexpr Nanoseconds tick = std::chrono::seconds(1);
constexpr Nanoseconds file_tick = std::chrono::milliseconds(50);

class Agent {
 public:
  Agent(const AgentOptions& options, std::vector<std::string> arguments, std::function<void()> on_started)
      : options_(options),
        arguments_(std::move(arguments)),
        on_started_(std::move(on_started)),
        is_live_(!options.capture.read_path) {}

  Result<ExitCode> run();

 private:
  Result<void> open();
  Result<void> open_outputs();
  Result<void> drop_rights();
  Result<void> start();
  void start_workers();
  void run_worker(std::size_t index);
  void tell_start();
  void watch();
  void reload();
  void retire(std::shared_ptr<ShadowSet> old);
  ExitCode finish();
  [[nodiscard]] AgentSnapshot snapshot() const;
  [[nodiscard]] SinkNeeds needs() const;
  [[nodiscard]] TakeLedger capture_ledger() const;

  AgentOptions options_;
  const std::vector<std::string> arguments_;
  const std::function<void()> on_started_;
  const bool is_live_;
  const std::string instance_id_ = make_instance_id();
  MonotonicTime started_{};

  MemoryDivision memory_;
  std::unique_ptr<MemoryPool> messages_;  // before all that holds messages
  std::unique_ptr<ControlSignals> signals_;
  std::vector<std::unique_ptr<Engine>> engines_;  // until the workers own them
  EngineChoice engine_choice_;
  std::unique_ptr<CurrentRules> rules_;
  std::unique_ptr<EventLoop> loop_;
  Ledger capture_ledger_;
  Recordings recordings_;
  std::unique_ptr<CpuGovernor> governor_;
  std::unique_ptr<Monitor> monitor_;  // live capture only
  std::ofstream summary_;
  std::unique_ptr<CurrentShadows> shadows_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
  std::atomic<unsigned> workers_running_{0};
  std::vector<Result<void>> worker_results_;
  std::unique_ptr<StatusServer> status_server_;

  mutable std::mutex retired_mutex_;             // guards retired_
  std::map<std::string, LedgerTotals> retired_;  // of shadows that a reload replaced, by name
};

Result<ExitCode> Agent::run() {
  if (auto opened = open(); !opened) return tl::unexpected(opened.error());
  if (auto dropped = drop_rights(); !dropped) return tl::unexpected(dropped.error());
  if (auto begun = start(); !begun) return tl::unexpected(begun.error());
  tell_start();
  if (on_started_) on_started_();
  watch();
  return finish();
}

// Everything that may need root, and nothing that makes a thread.
Result<void> Agent::open() {
  auto rules = compile_rules(options_.rules);
  if (!rules) return tl::unexpected(rules.error());
  rules_ = std::make_unique<CurrentRules>(std::move(*rules));

  BudgetRequest budget;
  budget.memory_bytes_max = options_.safety.memory_bytes_max;
  budget.capture_buffer_bytes = is_live_ ? options_.capture.buffer_bytes : 0;
  const auto interfaces = static_cast<unsigned>(std::max<std::size_t>(1, options_.capture.interfaces.size()));
  budget.capture_handles = options_.capture.workers * interfaces;
  budget.workers = options_.capture.workers;
  budget.outputs = output_count(options_);
  budget.body_bytes_max = options_.limits.body_max;
  auto memory = divide_memory(budget);
  if (!memory) return tl::unexpected(memory.error());
  memory_ = *memory;
  messages_ = std::make_unique<MemoryPool>(memory_.messages);

  auto engines = open_engines(options_.capture, memory_.capture_buffer);
  if (!engines) return tl::unexpected(engines.error());
  engines_ = std::move(engines->engines);
  engine_choice_ = std::move(engines->choice);

  return open_outputs();
}

Result<void> Agent::open_outputs() {
  auto recordings = recordings_.open(options_, {*rules_, memory_, instance_id_, [this] { return capture_ledger(); }});
  if (!recordings) return recordings;

  if (!options_.observe.summary_path.empty()) {
    summary_.open(options_.observe.summary_path);
    if (!summary_) {
      return fail(ExitCode::output_failed,
                  fmt::format("Cannot write the summary '{}': {}. Check --summary.", options_.observe.summary_path,
                              std::generic_category().message(errno)));
    }
  }

  loop_ = std::make_unique<EventLoop>();
  auto set = ShadowSet::create(options_, {*loop_, *rules_, memory_, instance_id_, recordings_.sinks()});
  if (!set) return tl::unexpected(set.error());
  shadows_ = std::make_unique<CurrentShadows>(std::move(*set));
  return {};
}

Result<void> Agent::drop_rights() {
  auto dropped = drop_privileges({options_.safety.user, is_live_});
  if (!dropped) return tl::unexpected(dropped.error());
  if (dropped->user_changed) log_info(fmt::format("Gave up root: {}", dropped->text));
  return {};
}

Result<void> Agent::start() {
  auto signals = ControlSignals::install();
  if (!signals) return tl::unexpected(signals.error());
  signals_ = std::move(*signals);
  if (auto begun = shadows_->get()->start(); !begun) return begun;
  started_ = system_clock().monotonic_now();
  if (options_.safety.cpu_fraction_max > 0) {
    governor_ = std::make_unique<CpuGovernor>(options_.safety.cpu_fraction_max, tick, log_cpu_change);
  }
  if (is_live_) monitor_ = std::make_unique<Monitor>(options_.capture.ports);
  if (options_.observe.status_address != "off") {
    auto server =
        StatusServer::start(options_.observe.status_address,
                            {[this] { return health_of(snapshot()); }, [this] { return tests_of(snapshot()); },
                             [this] { return metrics_text(snapshot()); }, [this] { return status_json(snapshot()); }});
    if (!server) return tl::unexpected(server.error());
    status_server_ = std::move(*server);
  }
  start_workers();
  return {};
}

void Agent::start_workers() {
  std::random_device random;
  for (auto& engine : engines_) {
    WorkerOptions worker;
    worker.index = static_cast<unsigned>(workers_.size());
    worker.is_live = is_live_;
    worker.decode.ports = options_.capture.ports;
    worker.decode.addresses = options_.capture.addresses;
    worker.decode.tunnels = options_.capture.tunnels || !is_live_;
    worker.reassembly.server_ports = options_.capture.ports;
    worker.reassembly.total_bytes_max = memory_.reassembly_per_worker;
    worker.pairing.policy = options_.framing;
    worker.pairing.limits = options_.limits;
    worker.pairing.limits.body_max = memory_.body_max;
    worker.pairing.memory_max = memory_.messages;
    worker.pairing.pool = messages_.get();
    worker.pairing.needs = needs();
    worker.seed = (std::uint64_t{random()} << 32U) | random();
    workers_.push_back(
        std::make_unique<Worker>(worker, std::move(engine), *shadows_, capture_ledger_.make_shard(), governor_.get()));
  }
  engines_.clear();
  worker_results_.resize(workers_.size());
  workers_running_ = static_cast<unsigned>(workers_.size());
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    threads_.emplace_back([this, i] { run_worker(i); });
  }
}

// What recordings certify of the capture. Called by their threads, which begin behind the workers and end before them.
TakeLedger Agent::capture_ledger() const {
  TakeLedger ledger;
  ledger.capture = capture_ledger_.totals();
  for (const auto& worker : workers_) {
    const EngineStatistics statistics = worker->engine_statistics();
    ledger.packets_dropped += statistics.dropped_by_kernel + statistics.dropped_by_interface;
    const ReassemblyStatistics& streams = worker->reassembly_statistics();
    ledger.stream_gaps += streams.gaps_missing.value() + streams.gaps_truncated.value();
  }
  return ledger;
}

// With a configuration file, a reload may add a shadow at any moment, also in the middle of a body: so bodies are kept.
SinkNeeds Agent::needs() const {
  SinkNeeds needs = shadows_->get()->fan_out().needs();
  needs.request_bodies = needs.request_bodies || !options_.config_path.empty();
  return needs;
}

// Runs one worker to its end. What ends a live capture is in the log at once; finish() prints why the agent ended.
void Agent::run_worker(std::size_t index) {
  Result<void>& result = worker_results_[index];
  try {
    result = workers_[index]->run();
  } catch (const std::exception& error) {
    result =
        fail(ExitCode::internal, fmt::format("A capture worker was ended by an unexpected error: {}", error.what()));
  }
  if (!result && is_live_) log_error(result.error().message);
  workers_running_.fetch_sub(1);
}

void Agent::tell_start() {
  log_info("understudy-agent is capturing", {{"version", build_version().version},
                                             {"engine", workers_.front()->engine_description()},
                                             {"status", status_server_ ? status_server_->url() : "off"}});
  if (is_live_) log_choice(engine_choice_);
  for (const ShadowRoute& route : options_.shadow.routes) {
    log_info("Mirroring to a shadow",
             {{"target", route.target.display()}, {"proxy", route.proxy ? route.proxy->display() : "none"}});
  }
  if (options_.shadow.tls.insecure) log_warning("--insecure: the shadow's certificate is not verified");
  if (memory_.body_max_lowered) {
    log_warning("--max-body does not fit into --max-memory and was lowered", {{"body_max_bytes", memory_.body_max}});
  }
  if (memory_.capture_buffer_lowered) {
    log_warning("--buffer does not fit into --max-memory and was lowered", {{"buffer_bytes", memory_.capture_buffer}});
  }
  if (!is_live_) return;
  for (const CheckItem& item : run_quick_checks(check_request(options_)).items) {
    if (item.status == CheckStatus::ok || item.status == CheckStatus::skipped) continue;
    log_warning(item.found, {{"check", item.name}, {"advice", item.advice}});
  }
}

void Agent::watch() {
  LiveLine line(!options_.observe.quiet && options_.record.path != "-" && options_.record.stream_path != "-");
  MonotonicTime next_tick = started_;
  // A worker that ends by itself ends the agent: its share of the flows would be missing in silence.
  while (workers_running_ == workers_.size()) {
    switch (signals_->wait(is_live_ ? tick : file_tick)) {
      case ControlEvent::stop:
      case ControlEvent::stop_now: return;
      case ControlEvent::reload: reload(); break;
      case ControlEvent::none: break;
    }
    const MonotonicTime now = system_clock().monotonic_now();
    if (now < next_tick) continue;
    next_tick = now + tick;
    if (governor_) governor_->observe(now, process_cpu_time());
    const AgentSnapshot current = snapshot();
    if (monitor_) monitor_->observe(current, now);
    line.draw(progress_of(current, now));
  }
}

void Agent::reload() {
  auto parsed = parse_command_line(arguments_);
  if (!parsed || !parsed->options) {
    log_error(
        fmt::format("The configuration was not reloaded: {}", parsed ? "it only prints" : parsed.error().message));
    return;
  }
  auto rules = compile_rules(parsed->options->rules);
  if (!rules) {
    log_error(fmt::format("The configuration was not reloaded: {}", rules.error().message));
    return;
  }
  AgentOptions next = options_;
  next.rules = parsed->options->rules;
  next.shadow = parsed->options->shadow;
  auto set = ShadowSet::create(next, {*loop_, *rules_, memory_, instance_id_, recordings_.sinks()});
  const auto begun = set ? (*set)->start() : tl::unexpected(set.error());
  if (!begun) {
    log_error(fmt::format("The configuration was not reloaded: {}", begun.error().message));
    return;
  }
  options_.shadow = next.shadow;
  rules_->set(std::move(*rules));
  retire(shadows_->exchange(std::move(*set)));
  log_info("The configuration was reloaded: rules and shadows are new, everything else needs a restart",
           {{"shadows", options_.shadow.routes.size()}});
}

// Waits until no worker uses the old set, finishes what it has queued, and keeps its totals.
void Agent::retire(std::shared_ptr<ShadowSet> old) {
  const MonotonicTime deadline = system_clock().monotonic_now() + options_.safety.drain_timeout;
  // A worker that waits for room in an old queue (a capture file is read) is let go by drain().
  while (old.use_count() > 1 && workers_running_ > 0 && system_clock().monotonic_now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  old->drain(deadline);
  const std::lock_guard lock(retired_mutex_);
  old->add_totals(retired_);
}

AgentSnapshot Agent::snapshot() const {
  AgentSnapshot snapshot;
  snapshot.uptime = system_clock().monotonic_now() - started_;
  snapshot.instance_id = instance_id_;
  snapshot.engine_choice = engine_choice_;
  for (const auto& worker : workers_) add_worker(snapshot, *worker);
  // Outputs before the capture's side: then no output seems to have more than was published.
  std::map<std::string, LedgerTotals> outputs;
  {
    const std::lock_guard lock(retired_mutex_);
    outputs = retired_;
  }
  const std::shared_ptr<ShadowSet> set = shadows_->get();
  snapshot.shadows = set->status();
  snapshot.middleware = set->middleware_status();
  set->add_totals(outputs);
  snapshot.recording_queued = recordings_.queued_exchanges();
  recordings_.add_totals(outputs);
  for (auto& [name, totals] : outputs) snapshot.ledger.outputs.push_back({name, totals});
  snapshot.ledger.capture = capture_ledger_.totals();
  snapshot.ledger.elapsed = snapshot.uptime;
  const auto rules = rules_->get();
  for (const RuleCount& rule : rules->rules()) {
    snapshot.rules.push_back({fmt::format("{} {}", rule.option, rule.text), rule.requests});
  }
  snapshot.resident_bytes = resident_bytes().value_or(0);
  snapshot.memory_max = memory_.total;
  if (governor_) {
    snapshot.cpu_used = governor_->cpu_used();
    snapshot.keep_share = governor_->keep_share();
  }
  if (monitor_) snapshot.watchdog = monitor_->watchdog_state();
  return snapshot;
}

ExitCode Agent::finish() {
  for (auto& worker : workers_) worker->stop();
  for (std::thread& thread : threads_) thread.join();
  const MonotonicTime deadline = system_clock().monotonic_now() + options_.safety.drain_timeout;
  recordings_.drain(deadline);
  shadows_->get()->drain(deadline);
  const AgentSnapshot last = snapshot();
  status_server_.reset();
  fmt::print(stderr, "{}", format_ledger(last.ledger));
  if (!options_.observe.summary_path.empty()) {
    JsonWriter json;
    write_ledger_json(json, last.ledger);
    summary_ << json.take() << "\n";
    if (!summary_.flush()) log_error("The summary could not be written", {{"file", options_.observe.summary_path}});
  }
  for (const Result<void>& result : worker_results_) {
    if (!result) fmt::print(stderr, "understudy-agent: {}\n", result.error().message);
  }
  return outcome_of(last.ledger, worker_results_);
}

}  // namespace

Result<ExitCode> run_agent(const AgentOptions& options, const std::vector<std::string>& arguments,
                           std::function<void()> on_started) {
  const auto format = parse_log_format(options.observe.log_format);
  const auto level = parse_log_level(options.observe.log_level);
  if (!format) return tl::unexpected(format.error());
  if (!level) return tl::unexpected(level.error());
  if (auto logging = start_logging({*format, *level, options.observe.log_file, options.observe.log_bytes_max});
      !logging) {
    return tl::unexpected(logging.error());
  }
  Agent agent(options, arguments, std::move(on_started));
  return agent.run();
}

}  // namespace understudy
