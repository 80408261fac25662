#include "replay/rehearse/command_step.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "replay/clone/tool_process.hpp"
#include "traffic/base/quantity_text.hpp"
#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

constexpr std::size_t output_kept = 16 * 1024;
constexpr std::size_t output_told = 300;
constexpr auto look_interval = std::chrono::milliseconds(100);

// Requests a stop when the time is over or somebody asks for it, until it is destroyed.
class Deadline {
 public:
  Deadline(Nanoseconds timeout, const std::function<bool()>& stop_requested)
      : thread_([this, timeout, &stop_requested] { watch(timeout, stop_requested); }) {}
  ~Deadline() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
  [[nodiscard]] bool timed_out() const { return timed_out_; }

 private:
  void watch(Nanoseconds timeout, const std::function<bool()>& stop_requested) {
    const auto end = system_clock().monotonic_now() + timeout;
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, look_interval, [this] { return done_; })) {
      timed_out_ = system_clock().monotonic_now() >= end;
      if (timed_out_ || stop_requested()) {
        stop_.request_stop();
        return;
      }
    }
  }

  std::stop_source stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::atomic<bool> timed_out_{false};
  std::thread thread_;  // last: it uses all of the above
};

[[nodiscard]] std::string last_line(const std::string& output) {
  std::string text = output.substr(0, output.find_last_not_of(" \n\r\t") + 1);
  text = text.substr(text.find_last_of('\n') == std::string::npos ? 0 : text.find_last_of('\n') + 1);
  return text.size() > output_told ? text.substr(text.size() - output_told) : text;
}

}  // namespace

Result<void> run_command_step(const CommandStep& command, const ResultsFolder& results,
                              const std::function<bool()>& stop_requested, StepRecord& step) {
  step.name = command.name;
  append_rfc3339(step.started_at, system_clock().wall_now());
  ToolCommand tool;
  tool.arguments = {command.command};
  tool.by_shell = true;
  tool.environment = command.environment;
  tool.output_file = results.step_file(command.name);
  const Deadline deadline(command.timeout, stop_requested);
  const MonotonicTime start = system_clock().monotonic_now();
  const Result<ToolOutcome> outcome = run_tool(tool, deadline.token());
  step.seconds = std::chrono::duration<double>(system_clock().monotonic_now() - start).count();
  step.output = tool_output(tool.output_file, output_kept);
  if (!outcome) {
    step.exit_code = -1;
    if (deadline.timed_out()) {
      return fail(ExitCode::environment_unfit,
                  fmt::format("the command '{}' was ended after {}; [environment] command-timeout allows more",
                              command.name, duration_text(command.timeout)));
    }
    return tl::unexpected(outcome.error());
  }
  step.exit_code = outcome->exit_code;
  if (outcome->exit_code == 0) return {};
  return fail(ExitCode::environment_unfit,
              fmt::format("the command '{}' ended with {}: {}. All of its output is in {}", command.name,
                          outcome->exit_code, last_line(step.output), tool.output_file));
}

}  // namespace understudy
