#include "replay/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "replay/descriptor_limit.hpp"
#include "replay/pacing/pacing_options.hpp"
#include "replay/replay_middleware.hpp"
#include "replay/report/comparison_result.hpp"
#include "replay/report/reports.hpp"
#include "replay/report/verdict.hpp"
#include "replay/run_monitor.hpp"
#include "replay/run_settings.hpp"
#include "replay/token_command.hpp"
#include "traffic/base/shutdown.hpp"
#include "traffic/command_line/version.hpp"
#include "traffic/observe/log.hpp"
#include "traffic/rules/current_rules.hpp"

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

[[nodiscard]] Result<void> deliver(const ReplayOptions& options, const RunResult& result) {
  fmt::print("{}", options.verdict.json ? result_json(result) + "\n" : summary_text(result));
  std::fflush(stdout);
  if (options.verdict.out_folder.empty()) return {};
  return write_results(options.verdict.out_folder, result);
}

// One run from its options to its exit code.
class ReplayProgram {
 public:
  explicit ReplayProgram(const ReplayOptions& options) : options_(options) {}

  [[nodiscard]] Result<ExitCode> run() {
    if (const Result<void> prepared = prepare(); !prepared) return tl::unexpected(prepared.error());
    RunResult result;
    result.identity = identity_of(options_, run_->scheduler().pacer());
    run_->start();
    RunMonitor monitor(*run_, options_, run_length(options_, run_->scheduler().pacer()), *signals_, system_clock());
    RunCourse course = monitor.watch();
    result.end = course.end;
    result.end_reason = std::move(course.end_reason);
    result.series = course.series.points();
    result.intervals = course.series.intervals();
    if (!run_->end()) return end_without_recording(result);
    fill_in(result);
    return report(result);
  }

 private:
  [[nodiscard]] Result<void> prepare() {
    const Result<LogFormat> format = parse_log_format(options_.log_format);
    const Result<LogLevel> level = parse_log_level(options_.log_level);
    if (!format) return tl::unexpected(format.error());
    if (!level) return tl::unexpected(level.error());
    if (auto started = start_logging({*format, *level, {}}); !started) return started;
    const auto rules = compile_rules(options_.rules);
    if (!rules) return tl::unexpected(rules.error());
    rules_.emplace(*rules);
    raise_descriptor_limit();
    auto signals = ControlSignals::install();
    if (!signals) return tl::unexpected(signals.error());
    signals_ = std::move(*signals);
    return make_run();
  }

  [[nodiscard]] Result<void> make_run() {
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
    if (options_.middleware.with_responses) {
      settings_.on_completed = [this](const CompletedRequest& request) { middleware_->show_responses(request); };
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

  [[nodiscard]] Result<void> start_middleware() {
    if (options_.middleware.command.empty()) return {};
    auto middleware = ReplayMiddleware::start(options_.middleware, is_live(options_));
    if (!middleware) return tl::unexpected(middleware.error());
    middleware_ = std::move(*middleware);
    return {};
  }

  [[nodiscard]] Result<std::unique_ptr<ExchangeSource>> open_source() {
    auto source = open_recording(options_.recording.paths, options_.recording.open);
    if (source && middleware_ != nullptr) return middleware_->in_front_of(std::move(*source));
    return source;
  }

  void fill_in(RunResult& result) {
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

  [[nodiscard]] Result<ExitCode> report(RunResult& result) {
    const Scheduler& scheduler = run_->scheduler();
    if (scheduler.planned() == 0 && scheduler.failure()) return tl::unexpected(*scheduler.failure());
    assess_generator(result);
    evaluate_objectives(options_.verdict.objectives, result);
    judge({.require_complete_recording = options_.verdict.require_complete}, result);
    for (const std::string& error : run_->figures().target_errors) {
      if (!error.empty()) log_warning("the last error of a target: " + error);
    }
    if (const Result<void> delivered = deliver(options_, result); !delivered) return tl::unexpected(delivered.error());
    if (scheduler.failure() && scheduler.failure()->code == ExitCode::refused)
      return tl::unexpected(*scheduler.failure());
    return result.verdict.exit_code;
  }

  // The thread that reads the pipe cannot be ended: the process ends around it.
  [[noreturn]] Result<ExitCode> end_without_recording(RunResult& result) {
    result.load = run_->figures().targets.front();
    result.end_reason += "; the pipe of the recording was still open";
    assess_generator(result);
    evaluate_objectives(options_.verdict.objectives, result);
    judge({.require_complete_recording = options_.verdict.require_complete}, result);
    ExitCode code = result.verdict.exit_code;
    if (const Result<void> delivered = deliver(options_, result); !delivered) {
      fmt::print(stderr, "understudy-replay: {}\n", delivered.error().message);
      code = delivered.error().code;
    }
    std::fflush(nullptr);
    std::_Exit(static_cast<int>(code));
  }

  const ReplayOptions& options_;
  std::optional<CurrentRules> rules_;
  std::unique_ptr<ControlSignals> signals_;
  std::unique_ptr<TokenCommand> token_;
  std::unique_ptr<ReplayMiddleware> middleware_;
  ReplayRunOptions settings_;
  std::optional<Nanoseconds> length_;
  std::unique_ptr<ReplayRun> run_;  // last: it uses all of the above
};

}  // namespace

Result<ExitCode> run_replay(const ReplayOptions& options) { return ReplayProgram(options).run(); }

}  // namespace understudy
