#include "replay/run_execution.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "replay/descriptor_limit.hpp"
#include "replay/pacing/pacing_options.hpp"
#include "replay/report/comparison_result.hpp"
#include "replay/report/verdict.hpp"
#include "replay/run_settings.hpp"
#include "traffic/command_line/version.hpp"
#include "traffic/observe/log.hpp"

namespace understudy {
namespace {

// Lengths of plain files; 0 when one of them is none.
[[nodiscard]] std::uint64_t bytes_of(const std::vector<std::string>& paths) {
  std::uint64_t sum = 0;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return 0;
    sum += std::filesystem::file_size(path, error);
  }
  return sum;
}

[[nodiscard]] RunLength run_length(const ReplayOptions& options, const Pacer& pacer) {
  RunLength length;
  length.time = known_length(options, pacer);
  length.count = options.load.count_max;
  if (!options.load.loop) length.recording_bytes = bytes_of(options.recording.paths);
  return length;
}

[[nodiscard]] RunIdentity identity_of(const ReplayOptions& options, const Pacer& pacer) {
  RunIdentity identity;
  identity.tool_version = version_text("understudy-replay");
  identity.start = system_clock().wall_now();
  identity.recordings = options.recording.paths;
  identity.target = options.target.candidate.target.display();
  if (!options.target.baselines.empty()) identity.baseline = options.target.baselines.front().target.display();
  identity.pacing = describe(pacer);
  identity.options = options.given;
  return identity;
}

void add_held_back(const Scheduler& scheduler, const CarryCounts& carried, RunResult& result) {
  for (std::size_t i = 0; i < held_back_count; ++i) {
    const auto reason = static_cast<HeldBack>(i);
    if (scheduler.held_back(reason) > 0) result.held_back.push_back({to_string(reason), scheduler.held_back(reason)});
  }
  if (carried.missing_requests > 0) {
    log_warning("requests were sent with values of the recording, since no replayed value was learnt for them",
                {{"requests", carried.missing_requests}, {"values_not_learnt", carried.not_learnt}});
  }
}

void add_held_back(const MiddlewareSourceCounts& counts, RunResult& result) {
  const auto add = [&](HeldBack reason, const Counter& count) {
    if (count.value() > 0) result.held_back.push_back({to_string(reason), count.value()});
  };
  add(HeldBack::middleware, counts.omitted);
  add(HeldBack::middleware_failed, counts.failed);
}

// Routes that turned out to be one are added up.
[[nodiscard]] std::vector<RouteResult> routes_of(const MeasuredFigures& measured, const RouteTable& table) {
  std::map<RouteId, RouteResult> by_id;
  for (const auto& [id, outcomes] : measured.routes) {
    RouteResult& route = by_id[table.canonical(id)];
    if (route.name.empty()) route.name = table.name(id);
    route.outcomes += outcomes;
  }
  std::vector<RouteResult> routes;
  for (auto& [id, route] : by_id) routes.push_back(std::move(route));
  std::ranges::sort(routes, std::ranges::greater{}, [](const RouteResult& route) { return route.outcomes.finished(); });
  return routes;
}

// The time in which what was measured became due, and the time in which it was sent.
struct MeasuredTime {
  Nanoseconds due{};
  Nanoseconds sent{};
};

[[nodiscard]] MeasuredTime measured_time(const ReplayRun& run, const ReplayRunOptions& settings,
                                         std::optional<Nanoseconds> length, RunEnd end) {
  const Scheduler& scheduler = run.scheduler();
  // The last request takes as much time as the others; so a constant rate comes out as what it is.
  const auto planned = static_cast<double>(std::max<std::uint64_t>(scheduler.planned(), 2));
  const auto by_requests = std::chrono::duration_cast<Nanoseconds>(scheduler.last_due() * (planned / (planned - 1)));
  Nanoseconds due =
      length && end == RunEnd::whole && !scheduler.failure() ? std::max(*length, scheduler.last_due()) : by_requests;
  if (settings.fast) due = run.last_sent();
  const Nanoseconds late = std::max(run.last_sent() - scheduler.last_due(), Nanoseconds(0));
  if (settings.measure_until) due = std::min(due, *settings.measure_until);
  due = std::max(due - settings.warm_up, Nanoseconds(0));
  return {due, settings.fast || settings.measure_until ? due : due + late};
}

}  // namespace

Result<std::unique_ptr<RunExecution>> RunExecution::create(const ReplayOptions& options, ControlSignals& signals,
                                                           RunHooks hooks) {
  std::unique_ptr<RunExecution> execution(new RunExecution(options, signals, std::move(hooks)));
  if (const Result<void> prepared = execution->prepare(); !prepared) return tl::unexpected(prepared.error());
  return execution;
}

Result<void> RunExecution::prepare() {
  const auto rules = compile_rules(options_.rules);
  if (!rules) return tl::unexpected(rules.error());
  rules_.emplace(*rules);
  raise_descriptor_limit();
  return make_run();
}

Result<void> RunExecution::make_run() {
  const OpenSource open = [this] { return open_source(); };
  if (const Result<void> started = start_middleware(); !started) return started;
  auto source = open();
  if (!source) return tl::unexpected(source.error());
  auto pacer = make_pacer(options_.load.pacing);
  if (!pacer) return tl::unexpected(pacer.error());
  auto routes = RouteTable::compile(options_.routes);
  if (!routes) return tl::unexpected(routes.error());
  if (!options_.token.header.empty()) {
    auto token = TokenCommand::start(options_.token);
    if (!token) return tl::unexpected(token.error());
    token_ = std::move(*token);
  }
  settings_ = run_settings(options_, token_ ? &token_->header() : nullptr);
  if (options_.middleware.with_responses || hooks_.on_completed) {
    settings_.on_completed = [this](const CompletedRequest& request) {
      if (options_.middleware.with_responses) middleware_->show_responses(request);
      if (hooks_.on_completed) hooks_.on_completed(request);
    };
  }
  length_ = known_length(options_, **pacer);
  if (options_.load.cool_down.count() > 0 && length_) settings_.measure_until = *length_ - options_.load.cool_down;
  if (options_.target.tls.insecure) log_warning("certificates are not verified (--insecure)");
  auto run = ReplayRun::create(settings_, std::move(*source), open, std::move(*pacer), std::move(*routes), *rules_,
                               system_clock());
  if (!run) return tl::unexpected(run.error());
  run_ = std::move(*run);
  return {};
}

Result<void> RunExecution::start_middleware() {
  if (options_.middleware.command.empty()) return {};
  auto middleware = ReplayMiddleware::start(options_.middleware, is_live(options_));
  if (!middleware) return tl::unexpected(middleware.error());
  middleware_ = std::move(*middleware);
  return {};
}

Result<std::unique_ptr<ExchangeSource>> RunExecution::open_source() {
  auto source = open_recording(options_.recording.paths, options_.recording.open);
  if (source && middleware_ != nullptr) return middleware_->in_front_of(std::move(*source));
  return source;
}

RunResult RunExecution::play() {
  RunResult result;
  result.identity = identity_of(options_, run_->scheduler().pacer());
  run_->start();
  RunMonitor monitor(*run_, options_, run_length(options_, run_->scheduler().pacer()), signals_, system_clock(),
                     hooks_.stop_reason);
  RunCourse course = monitor.watch();
  result.end = course.end;
  result.end_reason = std::move(course.end_reason);
  result.series = course.series.points();
  result.intervals = course.series.intervals();
  is_recording_open_ = !run_->end();
  if (is_recording_open_) {
    result.load = run_->figures().targets.front();
    result.end_reason += "; the pipe of the recording was still open";
  } else {
    fill_in(result);
    tell_target_errors();
  }
  assess_generator(result);
  return result;
}

std::optional<Error> RunExecution::failure() const {
  const auto& failure = run_->scheduler().failure();
  if (!failure) return std::nullopt;
  return *failure;
}

void RunExecution::tell_target_errors() const {
  for (const std::string& error : run_->figures().target_errors) {
    if (!error.empty()) log_warning("the last error of a target: " + error);
  }
}

void RunExecution::fill_in(RunResult& result) {
  if (middleware_ != nullptr) {
    middleware_->end();
    add_held_back(middleware_->counts(), result);
  }
  const Scheduler& scheduler = run_->scheduler();
  MeasuredFigures measured = run_->measured();
  result.identity.recording = scheduler.report();
  result.load = std::move(measured.targets.front());
  if (measured.targets.size() > 1) result.baseline = std::move(measured.targets[1]);
  result.excluded = measured.excluded;
  result.routes = routes_of(measured, scheduler.routes());
  const MeasuredTime time = measured_time(*run_, settings_, length_, result.end);
  result.duration = time.sent;
  if (!settings_.fast && time.due.count() > 0) {
    result.target_rate = static_cast<double>(result.load.planned) / std::chrono::duration<double>(time.due).count();
  }
  result.warm_up = options_.load.warm_up;
  result.cool_down = options_.load.cool_down;
  add_held_back(scheduler, run_->carried(), result);
  result.generator.sender_cpu = run_->sender_cpu();
  result.generator.spinning = settings_.spin.count() > 0;
  if (const DifferenceBook* book = run_->differences()) {
    set_comparison(book->summary(scheduler.routes()), book->totals(), scheduler.routes(), result);
  }
  if (scheduler.failure() && result.end == RunEnd::whole) {
    result.end = RunEnd::failed;
    result.end_reason = scheduler.failure()->message;
  }
}

}  // namespace understudy
