#include "replay/rehearse/run_order.hpp"

#include <fmt/format.h>

#include "traffic/base/quantity_text.hpp"
#include "traffic/net/target.hpp"

namespace understudy {
namespace {

class Lines {
 public:
  void add(const std::string& line) { text_ += fmt::format("{:3}. {}\n", ++number_, line); }
  void note(const std::string& line) { text_ += fmt::format("     {}\n", line); }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::size_t number_ = 0;
};

void add_setup(const RehearsalPlan& plan, Lines& lines) {
  const EnvironmentPlan& environment = plan.environment;
  for (const RunSide side : {RunSide::baseline, RunSide::candidate}) {
    const SidePlan& stack = plan.side(side);
    if (!stack.environment) continue;
    lines.add(fmt::format("wait for {} healthy polls of the {} at {}", environment.polls, to_string(side),
                          stack.environment->display()));
  }
  const bool has_clone = !plan.clones.empty() || !plan.baseline.clone.empty() || !plan.candidate.clone.empty();
  if (environment.tests) lines.add("read /test of the candidate");
  if (environment.statistics) lines.add("read the statistics of the candidate");
  if (environment.maintenance) lines.add("switch the candidate's maintenance mode on");
  for (const RunSide side : {RunSide::baseline, RunSide::candidate}) {
    if (!plan.side(side).clone.empty())
      lines.add(fmt::format("clone the {}: {}", to_string(side), plan.side(side).clone));
  }
  for (const ClonePlan& clone : plan.clones) {
    lines.add(fmt::format("ask the {}'s environment for the clone '{}', and wait for it", to_string(clone.on),
                          clone.request.id));
  }
  if (!plan.candidate.migrate.empty()) lines.add("migrate the candidate: " + plan.candidate.migrate);
  if (environment.maintenance) lines.add("switch the candidate's maintenance mode off");
  if (plan.candidate.environment && (has_clone || !plan.candidate.migrate.empty())) {
    lines.add("wait until the candidate is healthy again, with the build expected");
  }
  if (environment.tests) lines.add("compare /test by name");
  if (environment.statistics) lines.add("compare the statistics by rules");
}

void add_runs(const RehearsalPlan& plan, Lines& lines) {
  std::string before;
  const auto then = [&](const std::string& what) { before += (before.empty() ? "" : ", then ") + what; };
  if (!plan.baseline.restart.empty() || !plan.candidate.restart.empty()) then("the restart command");
  if (!plan.baseline.cache_reset.empty() || !plan.candidate.cache_reset.empty()) then("the cache-reset command");
  if (plan.pairs.warm_up.count() > 0) then(fmt::format("{} of warm-up", duration_text(plan.pairs.warm_up)));
  if (!before.empty()) lines.note("before each run: " + before);
  for (const RunPlace& place : run_order(plan.pairs)) {
    lines.add(fmt::format("{} {}: play to the {} at {}", place.phase == RunPhase::noise ? "A/A pair" : "pair",
                          place.pair, to_string(place.side), plan.side(place.side).shown_url()));
  }
}

}  // namespace

std::vector<RunPlace> run_order(const PairsPlan& pairs) {
  std::vector<RunPlace> order;
  const auto add = [&](RunPhase phase, std::size_t pair, RunSide side, bool is_second) {
    order.push_back({order.size() + 1, phase, pair, side, is_second});
  };
  for (std::size_t pair = 1; pair <= pairs.noise_count; ++pair) {
    add(RunPhase::noise, pair, RunSide::baseline, false);
    add(RunPhase::noise, pair, RunSide::baseline, true);
  }
  for (std::size_t pair = 1; pair <= pairs.count; ++pair) {
    const bool baseline_first = pair % 2 == 1;
    add(RunPhase::pair, pair, baseline_first ? RunSide::baseline : RunSide::candidate, false);
    add(RunPhase::pair, pair, baseline_first ? RunSide::candidate : RunSide::baseline, true);
  }
  return order;
}

std::string order_text(const RehearsalPlan& plan) {
  Lines lines;
  add_setup(plan, lines);
  add_runs(plan, lines);
  if (plan.environment.statistics) lines.add("compare the candidate's statistics with those before the runs");
  lines.add("judge, and write the reports");
  std::string text = fmt::format("{}: {} pairs and {} A/A pairs, {} runs\n", plan.name, plan.pairs.count,
                                 plan.pairs.noise_count, run_order(plan.pairs).size());
  for (const RunSide side : {RunSide::baseline, RunSide::candidate}) {
    if (plan.side(side).database.empty()) {
      text +=
          fmt::format("The {}'s database is not observed: the verdict rests on latency and errors.\n", to_string(side));
    }
  }
  return text + lines.take();
}

}  // namespace understudy
