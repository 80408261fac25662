#include "replay/rehearse/rehearsal.hpp"

#include <fmt/format.h>

#include <utility>

#include "replay/rehearsal_report/rehearsal_report.hpp"
#include "replay/rehearse/document.hpp"
#include "replay/rehearse/run_conductor.hpp"
#include "replay/rehearse/setup.hpp"
#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

[[nodiscard]] std::string now_text() {
  std::string text;
  append_rfc3339(text, system_clock().wall_now());
  return text;
}

void note_build(const SideStack& stack, SideFacts& facts) {
  facts.url = stack.plan().shown_url();
  if (!stack.build()) return;
  facts.build_version = stack.build()->build_version;
  facts.build_timestamp = stack.build()->build_timestamp;
}

void expect_build(const SideFacts& facts, SideStack& stack) {
  if (facts.build_version.empty() || stack.environment() == nullptr) return;
  HealthPayload build;
  build.build_version = facts.build_version;
  build.build_timestamp = facts.build_timestamp;
  stack.expect_build(std::move(build));
}

[[nodiscard]] std::string end_of(const std::optional<Error>& failure, const ReplayDriver& driver) {
  if (!failure) return "whole";
  return driver.stop_requested() ? "interrupted" : "failed";
}

[[nodiscard]] Result<void> write_reports(const RehearsalPlan& plan, const RehearsalOptions& options,
                                         const RehearsalOutcome& outcome) {
  return write_rehearsal_reports(options.out, rehearsal_json(plan, outcome, options.tool_version));
}

// Everything between the folder and the reports.
class Rehearsal {
 public:
  Rehearsal(const RehearsalPlan& plan, const ResultsFolder& results, ReplayDriver& driver, Pause& pause,
            const ProgressLineSink& progress, RehearsalState& state)
      : results_(results),
        driver_(driver),
        baseline_(plan, RunSide::baseline, system_clock(), pause),
        candidate_(plan, RunSide::candidate, system_clock(), pause),
        setup_(plan, baseline_, candidate_, results, driver, progress, state),
        conductor_(plan, baseline_, candidate_, setup_, driver, results, progress),
        state_(state) {}

  [[nodiscard]] std::optional<Error> run(std::vector<RunRecord>& records) {
    Result<void> done = set_up();
    if (done) setup_.before_runs();
    if (done) done = conductor_.run(records);
    if (done) setup_.after_runs();
    state_.finished_at = now_text();
    std::optional<Error> failure;
    if (!done) failure = done.error();
    state_.end = end_of(failure, driver_);
    state_.end_reason = failure ? failure->message : "";
    return failure;
  }

 private:
  [[nodiscard]] Result<void> set_up() {
    if (state_.is_set_up) {
      expect_build(state_.baseline, baseline_);
      expect_build(state_.candidate, candidate_);
      return {};
    }
    Result<void> done = setup_.run();
    note_build(baseline_, state_.baseline);
    note_build(candidate_, state_.candidate);
    state_.is_set_up = done.has_value();
    const Result<void> saved = results_.save(state_);
    return done ? saved : done;
  }

  const ResultsFolder& results_;
  ReplayDriver& driver_;
  SideStack baseline_;
  SideStack candidate_;
  RehearsalSetup setup_;
  RunConductor conductor_;
  RehearsalState& state_;
};

}  // namespace

Result<RehearsalOutcome> rehearse(const RehearsalPlan& plan, const RehearsalOptions& options, ReplayDriver& driver,
                                  Pause& pause, const ProgressLineSink& progress) {
  for (const SidePlan* side : {&plan.baseline, &plan.candidate}) {
    if (auto checked = driver.check(side->url); !checked) return tl::unexpected(at_plan_line(plan, checked.error()));
  }
  auto results = ResultsFolder::open(options.out, options.resume);
  if (!results) return tl::unexpected(results.error());
  RehearsalState state;
  std::vector<RunRecord> records;
  if (options.resume) {
    auto kept = results->load_state();
    auto runs = results->load_runs();
    if (!kept) return tl::unexpected(kept.error());
    if (!runs) return tl::unexpected(runs.error());
    if (kept->plan_fingerprint != plan.fingerprint) {
      return fail(
          ExitCode::configuration,
          fmt::format("the rehearsal in '{}' had another plan: what is measured now cannot be put beside it. Only "
                      "[pairs] count and aa, [verdict], [environment] and [forecast] may change",
                      options.out));
    }
    state = std::move(*kept);
    records = std::move(*runs);
  }
  state.plan_fingerprint = plan.fingerprint;
  if (state.started_at.empty()) state.started_at = now_text();
  if (auto saved = results->save(state); !saved) return tl::unexpected(saved.error());
  auto failure = Rehearsal(plan, *results, driver, pause, progress, state).run(records);
  if (auto saved = results->save(state); !saved && !failure) failure = saved.error();
  RehearsalOutcome outcome = judge_records(plan, std::move(state), std::move(records), std::move(failure));
  if (auto written = write_reports(plan, options, outcome); !written) return tl::unexpected(written.error());
  return outcome;
}

Result<RehearsalOutcome> judge_results(const RehearsalPlan& plan, const RehearsalOptions& options) {
  auto results = ResultsFolder::open(options.out, true);
  if (!results) return tl::unexpected(results.error());
  auto state = results->load_state();
  auto records = results->load_runs();
  if (!state) return tl::unexpected(state.error());
  if (!records) return tl::unexpected(records.error());
  RehearsalOutcome outcome = judge_records(plan, std::move(*state), std::move(*records), std::nullopt);
  if (auto written = write_reports(plan, options, outcome); !written) return tl::unexpected(written.error());
  return outcome;
}

}  // namespace understudy
