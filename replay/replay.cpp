#include "replay/replay.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "replay/report/reports.hpp"
#include "replay/report/verdict.hpp"
#include "replay/run_execution.hpp"
#include "traffic/base/shutdown.hpp"
#include "traffic/observe/log.hpp"

namespace understudy {
namespace {

[[nodiscard]] Result<void> deliver(const ReplayOptions& options, const RunResult& result) {
  fmt::print("{}", options.verdict.json ? result_json(result) + "\n" : summary_text(result));
  std::fflush(stdout);
  if (options.verdict.out_folder.empty()) return {};
  return write_results(options.verdict.out_folder, result);
}

void judge_run(const ReplayOptions& options, RunResult& result) {
  evaluate_objectives(options.verdict.objectives, result);
  judge({.require_complete_recording = options.verdict.require_complete}, result);
}

// The thread that reads the pipe cannot be ended: the process ends around it.
[[noreturn]] void end_without_recording(const ReplayOptions& options, RunResult& result) {
  judge_run(options, result);
  ExitCode code = result.verdict.exit_code;
  if (const Result<void> delivered = deliver(options, result); !delivered) {
    fmt::print(stderr, "understudy-replay: {}\n", delivered.error().message);
    code = delivered.error().code;
  }
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(code));
}

}  // namespace

Result<void> start_run_logging(const ReplayOptions& options) {
  const Result<LogFormat> format = parse_log_format(options.log_format);
  const Result<LogLevel> level = parse_log_level(options.log_level);
  if (!format) return tl::unexpected(format.error());
  if (!level) return tl::unexpected(level.error());
  return start_logging({*format, *level, {}});
}

Result<ExitCode> run_replay(const ReplayOptions& options) {
  if (auto started = start_run_logging(options); !started) return tl::unexpected(started.error());
  const auto signals = ControlSignals::install();
  if (!signals) return tl::unexpected(signals.error());
  const auto execution = RunExecution::create(options, **signals);
  if (!execution) return tl::unexpected(execution.error());
  RunResult result = (*execution)->play();
  if ((*execution)->is_recording_open()) end_without_recording(options, result);
  const std::optional<Error> failure = (*execution)->failure();
  if ((*execution)->planned() == 0 && failure) return tl::unexpected(*failure);
  judge_run(options, result);
  if (const Result<void> delivered = deliver(options, result); !delivered) return tl::unexpected(delivered.error());
  if (failure && failure->code == ExitCode::refused) return tl::unexpected(*failure);
  return result.verdict.exit_code;
}

}  // namespace understudy
