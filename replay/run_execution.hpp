// A recording played once: everything between options and a result. What becomes of the result is the caller's.
//
//   auto execution = RunExecution::create(options, *signals);
//   RunResult result = (*execution)->play();
//
// Threads: the owner's, apart from those that the run makes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "replay/options.hpp"
#include "replay/pacing/pacer.hpp"
#include "replay/replay_middleware.hpp"
#include "replay/report/run_result.hpp"
#include "replay/run/replay_run.hpp"
#include "replay/run_monitor.hpp"
#include "replay/token_command.hpp"
#include "traffic/base/shutdown.hpp"
#include "traffic/rules/current_rules.hpp"

namespace understudy {

// What others want to know of a run while it goes on. Either may be empty.
struct RunHooks {
  // Asked by the monitor about twenty times a second: a text stops the run at once, and is why.
  std::function<std::optional<std::string>()> stop_reason = nullptr;
  // On a shard's loop, for each request that is done with.
  std::function<void(const CompletedRequest&)> on_completed = nullptr;
};

class RunExecution {
 public:
  // Opens the recording, starts the token's command and the middleware. Options and signals outlive it.
  [[nodiscard]] static Result<std::unique_ptr<RunExecution>> create(const ReplayOptions& options,
                                                                    ControlSignals& signals, RunHooks hooks = {});

  // To the run's end. Objectives and verdict are not judged yet. Call it once.
  [[nodiscard]] RunResult play();

  // The recording is a pipe that did not end when the run did: the object must not be destroyed, and the result holds
  // the load only.
  [[nodiscard]] bool is_recording_open() const { return is_recording_open_; }
  // Why no more could be read or sent.
  [[nodiscard]] std::optional<Error> failure() const;
  // Requests that were planned.
  [[nodiscard]] std::uint64_t planned() const { return run_->scheduler().planned(); }
  // Names of routes, when the run has ended.
  [[nodiscard]] const RouteTable& routes() const { return run_->scheduler().routes(); }

 private:
  RunExecution(const ReplayOptions& options, ControlSignals& signals, RunHooks hooks)
      : options_(options), signals_(signals), hooks_(std::move(hooks)) {}
  [[nodiscard]] Result<void> prepare();
  [[nodiscard]] Result<void> make_run();
  [[nodiscard]] Result<void> start_middleware();
  [[nodiscard]] Result<std::unique_ptr<ExchangeSource>> open_source();
  void fill_in(RunResult& result);
  void tell_target_errors() const;

  const ReplayOptions& options_;
  ControlSignals& signals_;
  RunHooks hooks_;
  bool is_recording_open_ = false;
  std::optional<CurrentRules> rules_;
  std::unique_ptr<TokenCommand> token_;
  std::unique_ptr<ReplayMiddleware> middleware_;
  ReplayRunOptions settings_;
  std::optional<Nanoseconds> length_;
  std::unique_ptr<ReplayRun> run_;  // last: it uses all of the above
};

}  // namespace understudy
