#include "replay/rehearse/setup.hpp"

#include <fmt/format.h>

#include <utility>

#include "replay/environment/statistics_comparison.hpp"
#include "replay/environment/test_comparison.hpp"
#include "replay/rehearse/command_step.hpp"
#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

[[nodiscard]] std::string_view to_text(StatisticsVerdict verdict) {
  switch (verdict) {
    case StatisticsVerdict::passed: return "passed";
    case StatisticsVerdict::violated: return "violated";
    case StatisticsVerdict::inconclusive: return "inconclusive";
  }
  return "";
}

}  // namespace

Result<void> RehearsalSetup::run() {
  for (SideStack* stack : {&baseline_, &candidate_}) {
    auto healthy = stack->wait_healthy_build(progress_);
    if (!healthy) return tl::unexpected(healthy.error());
  }
  std::optional<FlatJson> statistics_before;
  std::optional<TestPayload> tests_before;
  if (plan_.environment.statistics) statistics_before = read_statistics(candidate_);
  if (plan_.environment.tests && candidate_.environment() != nullptr) {
    auto tests = candidate_.environment()->tests();
    if (tests) {
      tests_before = std::move(*tests);
    } else {
      state_.warnings.push_back("the candidate's tests before the migration: " + tests.error().message);
    }
  }
  if (changes_data()) {
    if (auto changed = change_data(); !changed) return changed;
    candidate_.forget_build();
    auto healthy = candidate_.wait_healthy_build(progress_);
    if (!healthy) return tl::unexpected(healthy.error());
  }
  if (plan_.environment.tests) {
    if (auto compared = compare_tests_with(tests_before); !compared) return compared;
  }
  if (plan_.environment.statistics) compare_statistics_with(statistics_before);
  return {};
}

bool RehearsalSetup::changes_data() const {
  return !plan_.clones.empty() || !plan_.baseline.clone.empty() || !plan_.candidate.clone.empty() ||
         !plan_.candidate.migrate.empty();
}

// Maintenance mode ends also when something in between failed: nobody else would switch it off.
Result<void> RehearsalSetup::change_data() {
  const bool maintained = plan_.environment.maintenance && candidate_.environment() != nullptr;
  if (maintained) {
    progress_("candidate: maintenance mode on");
    if (auto on = candidate_.environment()->set_maintenance(true); !on) return on;
  }
  const auto change = [&]() -> Result<void> {
    for (SideStack* stack : {&baseline_, &candidate_}) {
      const std::string name = fmt::format("clone-{}", to_string(stack->side()));
      if (auto done = command(*stack, name, stack->plan().clone, true); !done) return done;
    }
    for (const ClonePlan& planned : plan_.clones) {
      if (auto done = clone(planned); !done) return done;
    }
    return command(candidate_, "migrate", candidate_.plan().migrate, true);
  };
  const Result<void> changed = change();
  if (maintained) {
    progress_("candidate: maintenance mode off");
    auto off = candidate_.environment()->set_maintenance(false);
    if (!off && changed) return off;
  }
  return changed;
}

Result<void> RehearsalSetup::command(const SideStack& stack, const std::string& name, const std::string& command,
                                     bool keep) {
  if (command.empty()) return {};
  progress_(fmt::format("{}: {}", to_string(stack.side()), name));
  CommandStep step;
  step.name = name;
  step.command = command;
  // The command's environment is where a password may be; its arguments are seen by every process of the machine.
  step.environment = {{"UNDERSTUDY_SIDE", std::string(to_string(stack.side()))},
                      {"UNDERSTUDY_URL", stack.plan().shown_url()},
                      {"UNDERSTUDY_DATABASE", stack.plan().database}};
  step.timeout = plan_.environment.command_timeout;
  StepRecord record;
  Result<void> done = run_command_step(
      step, results_, [this] { return driver_.stop_requested(); }, record);
  if (keep || !done) state_.steps.push_back(std::move(record));
  return done;
}

Result<void> RehearsalSetup::clone(const ClonePlan& planned) {
  const SideStack& stack = planned.on == RunSide::baseline ? baseline_ : candidate_;
  const EnvironmentClient* environment = stack.environment();
  if (environment == nullptr) {
    return fail(ExitCode::configuration, fmt::format("{}: the clone '{}' wants an environment of the {}", plan_.path,
                                                     planned.request.id, to_string(planned.on)));
  }
  StepRecord step;
  step.name = "clone " + planned.request.id;
  append_rfc3339(step.started_at, system_clock().wall_now());
  const MonotonicTime start = system_clock().monotonic_now();
  const auto accepted = environment->start_clone(planned.request);
  if (!accepted) return tl::unexpected(accepted.error());
  std::string last;
  const auto state = environment->wait_for_clone(*accepted, planned.deadline, [&](const CloneState& now) {
    if (now.text() != last) progress_(fmt::format("clone {}: {}", planned.request.id, now.text()));
    last = now.text();
  });
  step.seconds = std::chrono::duration<double>(system_clock().monotonic_now() - start).count();
  const bool succeeded = state && state->status == CloneStatus::succeeded;
  step.exit_code = succeeded ? 0 : 1;
  step.output = state ? state->text() : state.error().message;
  state_.steps.push_back(step);
  if (!state) return tl::unexpected(state.error());
  if (succeeded) return {};
  return fail(ExitCode::clone_failed,
              fmt::format("the clone '{}' ended as {}{}", planned.request.id, to_string(state->status),
                          state->errors.empty() ? "" : ": " + state->errors.front()));
}

Result<void> RehearsalSetup::compare_tests_with(const std::optional<TestPayload>& before) {
  if (candidate_.environment() == nullptr) return {};
  const auto after = candidate_.environment()->tests();
  if (!after) return tl::unexpected(after.error());
  const TestComparison comparison = compare_tests(before.value_or(TestPayload{}), *after);
  state_.tests_json = to_json(comparison);
  if (comparison.is_no_worse()) return {};
  std::string names;
  for (const TestDifference& test : comparison.tests) {
    const bool is_worse = test.change == TestChange::broken || test.change == TestChange::missing ||
                          test.change == TestChange::new_failing;
    if (is_worse) names += (names.empty() ? "" : ", ") + test.name;
  }
  return fail(ExitCode::environment_unfit,
              fmt::format("the candidate fails tests of /test that passed before, or has lost them: {}", names));
}

std::optional<FlatJson> RehearsalSetup::read_statistics(const SideStack& stack) {
  if (stack.environment() == nullptr) return std::nullopt;
  const auto body = stack.environment()->statistics();
  auto flat = body ? flatten_json("statistics", *body) : Result<FlatJson>(tl::unexpected(body.error()));
  if (!flat) {
    state_.warnings.push_back(fmt::format("the {}'s statistics: {}", to_string(stack.side()), flat.error().message));
    return std::nullopt;
  }
  return std::move(*flat);
}

void RehearsalSetup::note_statistics(const std::string& between, const FlatJson& before, const FlatJson& after,
                                     std::vector<std::string>& violations) {
  const StatisticsComparison comparison = compare_statistics(before, after, plan_.environment.statistics_rules);
  state_.statistics.push_back({between, std::string(to_text(comparison.verdict())), to_json(comparison)});
  if (comparison.verdict() == StatisticsVerdict::passed) return;
  for (const StatisticResult& result : comparison.results) {
    if (result.outcome == StatisticOutcome::violated) {
      violations.push_back(fmt::format("statistics {}: {} {}", between, result.path, result.reason));
      return;
    }
  }
  state_.warnings.push_back(fmt::format("statistics {}: {} paths changed that have no rule", between,
                                        comparison.count(StatisticOutcome::unknown_changed)));
}

// A migration that loses data is no candidate, however fast it is.
void RehearsalSetup::compare_statistics_with(const std::optional<FlatJson>& before) {
  if (!before || !changes_data()) return;
  const auto after = read_statistics(candidate_);
  if (after) note_statistics("before and after the migration", *before, *after, state_.refusals);
}

void RehearsalSetup::before_runs() {
  if (plan_.environment.statistics) statistics_before_runs_ = read_statistics(candidate_);
}

void RehearsalSetup::after_runs() {
  if (!statistics_before_runs_) return;
  const auto after = read_statistics(candidate_);
  if (after)
    note_statistics("of the candidate before and after the runs", *statistics_before_runs_, *after, state_.warnings);
}

}  // namespace understudy
