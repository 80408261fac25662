#include "replay/rehearse_command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

#include "replay/rehearse/document.hpp"
#include "replay/rehearse/plan.hpp"
#include "replay/rehearse/rehearsal.hpp"
#include "replay/rehearse/run_order.hpp"
#include "replay/rehearse_driver.hpp"
#include "replay/replay.hpp"
#include "replay/signal_pause.hpp"
#include "traffic/command_line/option_group.hpp"
#include "traffic/command_line/validation.hpp"
#include "traffic/command_line/version.hpp"

namespace understudy {
namespace {

constexpr const char* footer = R"(Examples:
  understudy-replay rehearse --print-plan > plan.toml
  understudy-replay rehearse plan.toml --check
  understudy-replay rehearse plan.toml --out results/
  understudy-replay rehearse plan.toml --out results/ --resume
  understudy-replay rehearse plan.toml --out results/ --judge

Exit codes: 0 improved or equivalent, and every objective met; 25 regressed, 17 an objective was not met, 18 no verdict is
possible, 21, 23 and 24 the environment, a database or a clone was unfit. docs/rehearsal.md has the plan and the method.)";

struct RawRehearse {
  std::string plan, out;
  bool check = false, print_plan = false, resume = false, judge = false, json = false, quiet = false;
};

void define_rehearse(CLI::App& command, RawRehearse& raw) {
  command.add_option("plan", raw.plan, "The plan, a TOML file")->type_name("PLAN");
  OptionGroup group(command, "Rehearsal (docs/rehearsal.md)");
  group.one("--out", raw.out, "FOLDER", "Keep everything there, and write the reports");
  group.flag("--check", raw.check, "Check the plan, and say what would happen, without doing it");
  group.flag("--print-plan", raw.print_plan, "Print a plan to start from");
  group.flag("--resume", raw.resume, "Go on with the rehearsal in --out where it ended");
  group.flag("--judge", raw.judge, "Judge anew what is in --out, without playing anything");
  group.flag("--json", raw.json, "Print rehearsal.json instead of the summary");
  group.flag("--quiet", raw.quiet, "No progress");
}

// Errors name a line of the plan.
[[nodiscard]] Result<ReplayOptions> checked_run(const RehearsalPlan& plan) {
  Result<ReplayOptions> options = fail(ExitCode::internal, "");
  for (const SidePlan* side : {&plan.baseline, &plan.candidate}) {
    options = planned_run(plan, side->url, {});
    if (!options) return tl::unexpected(at_plan_line(plan, options.error()));
  }
  return options;
}

[[nodiscard]] ExitCode tell(const RehearsalPlan& plan, const RehearsalOutcome& outcome, const RawRehearse& raw) {
  if (raw.json) {
    fmt::print("{}\n", rehearsal_json(plan, outcome, version_text("understudy-replay")));
  } else {
    fmt::print("{}\nEverything is in {}\n", summary_text(plan, outcome), raw.out);
  }
  std::fflush(stdout);
  if (outcome.failure) fmt::print(stderr, "understudy-replay: {}\n", outcome.failure->message);
  return outcome.exit_code;
}

[[nodiscard]] Result<ExitCode> run_rehearsal(const RawRehearse& raw) {
  const Result<RehearsalPlan> plan = read_plan(raw.plan);
  if (!plan) return tl::unexpected(plan.error());
  const Result<ReplayOptions> run = checked_run(*plan);
  if (!run) return tl::unexpected(run.error());
  if (raw.check) {
    fmt::print("{}", order_text(*plan));
    return ExitCode::ok;
  }
  const RehearsalOptions options{raw.out, raw.resume, version_text("understudy-replay")};
  if (raw.judge) {
    const auto outcome = judge_results(*plan, options);
    if (!outcome) return tl::unexpected(outcome.error());
    return tell(*plan, *outcome, raw);
  }
  if (auto started = start_run_logging(*run); !started) return tl::unexpected(started.error());
  const auto signals = ControlSignals::install();
  if (!signals) return tl::unexpected(signals.error());
  RunDriver driver(*plan, **signals, raw.quiet);
  SignalPause pause(**signals);
  const auto outcome = rehearse(*plan, options, driver, pause, [&raw](const std::string& line) {
    if (!raw.quiet) fmt::print(stderr, "{}\n", line);
  });
  if (!outcome) return tl::unexpected(outcome.error());
  return tell(*plan, *outcome, raw);
}

[[nodiscard]] Result<CommandAction> rehearse_action(const RawRehearse& raw) {
  if (raw.print_plan) {
    return CommandAction([]() -> Result<ExitCode> {
      fmt::print("{}", plan_template());
      return ExitCode::ok;
    });
  }
  Validation check;
  check.require(!raw.plan.empty(), "check", "and everything else wants a plan; --print-plan prints one to start from");
  check.require(raw.check || !raw.out.empty(), "out", "is missing: name the folder that the results go into");
  check.require(!(raw.resume && raw.judge), "resume", "and --judge exclude each other");
  if (check.error()) return tl::unexpected(*check.error());
  return CommandAction([raw] { return run_rehearsal(raw); });
}

}  // namespace

struct RehearseCommand::Flags {
  RawRehearse raw;
  CLI::App* command = nullptr;
};

RehearseCommand::RehearseCommand(CLI::App& app) : flags_(std::make_unique<Flags>()) {
  flags_->command = app.add_subcommand("rehearse", "Take a candidate build through a rehearsal, to a verdict");
  flags_->command->footer(footer);
  define_rehearse(*flags_->command, flags_->raw);
}

RehearseCommand::~RehearseCommand() = default;

std::optional<Result<CommandAction>> RehearseCommand::action() const {
  if (!flags_->command->parsed()) return std::nullopt;
  return rehearse_action(flags_->raw);
}

}  // namespace understudy
