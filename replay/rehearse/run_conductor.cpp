#include "replay/rehearse/run_conductor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "replay/rehearse/observed.hpp"
#include "replay/rehearse/run_attribution.hpp"
#include "replay/rehearse/run_order.hpp"
#include "replay/rehearse/run_text.hpp"

namespace understudy {
namespace {

// Runs of a pair belong together in time: where one is missing, both are played again.
void drop_half_pairs(const ResultsFolder& results, std::vector<RunRecord>& records) {
  std::set<std::pair<RunPhase, std::size_t>> halves;
  for (const RunRecord& record : records) {
    const auto key = std::pair(record.place.phase, record.place.pair);
    if (!halves.erase(key)) halves.insert(key);
  }
  std::erase_if(records, [&](const RunRecord& record) {
    if (!halves.contains({record.place.phase, record.place.pair})) return false;
    results.set_aside(record.place);
    return true;
  });
}

}  // namespace

Result<void> RunConductor::run(std::vector<RunRecord>& records) {
  drop_half_pairs(results_, records);
  for (SideStack* stack : {&baseline_, &candidate_}) {
    if (auto opened = stack->open_database(); !opened) return opened;
  }
  for (const RunPlace& place : run_order(plan_.pairs)) {
    const bool is_done = std::ranges::any_of(records, [&](const RunRecord& record) { return record.place == place; });
    if (is_done) continue;
    if (auto played = run_place(place, records); !played) return played;
  }
  return {};
}

Result<void> RunConductor::run_place(const RunPlace& place, std::vector<RunRecord>& records) {
  SideStack& stack = place.side == RunSide::baseline ? baseline_ : candidate_;
  std::optional<WallTime> first_start;
  for (std::size_t attempt = 0;; ++attempt) {
    if (driver_.stop_requested()) return fail(ExitCode::aborted, "a signal asked to stop");
    if (auto ready = prepare(stack); !ready) return ready;
    WatchState watched = WatchState::running;
    auto record = measure(place, stack, watched);
    if (!record) return tl::unexpected(record.error());
    if (!first_start) first_start = record->started_at;
    record->excluded_seconds = std::chrono::duration<double>(record->started_at - *first_start).count();
    if (auto saved = results_.save(*record); !saved) return saved;
    progress_(run_line(*record));
    if (watched == WatchState::paused && attempt < plan_.pairs.repeats_max) {
      // What maintenance touched is kept, and played again from the beginning when it is over.
      results_.set_aside(place);
      continue;
    }
    const bool interrupted = record->result.end == RunEnd::interrupted && watched == WatchState::running;
    records.push_back(std::move(*record));
    if (database_lost_) return tl::unexpected(*database_lost_);
    if (watched != WatchState::running) return fail(ExitCode::environment_unfit, watch_reason_);
    if (interrupted) return fail(ExitCode::aborted, "a signal asked to stop");
    return {};
  }
}

Result<void> RunConductor::prepare(SideStack& stack) {
  const std::string side(to_string(stack.side()));
  if (auto done = setup_.command(stack, "restart-" + side, stack.plan().restart, false); !done) return done;
  if (auto done = setup_.command(stack, "cache-reset-" + side, stack.plan().cache_reset, false); !done) return done;
  if (auto healthy = stack.wait_healthy_build(progress_); !healthy) return tl::unexpected(healthy.error());
  if (plan_.pairs.warm_up.count() == 0) return {};
  PlayOrder order = order_of(stack);
  order.length = plan_.pairs.warm_up;
  auto warmed = driver_.play(order);
  if (!warmed) return tl::unexpected(warmed.error());
  // A signal is told once: the run that follows would not hear of it.
  if (driver_.stop_requested()) return fail(ExitCode::aborted, "a signal asked to stop");
  return {};
}

PlayOrder RunConductor::order_of(const SideStack& stack) const {
  PlayOrder order;
  order.side = stack.side();
  order.url = stack.plan().url;
  return order;
}

Result<RunRecord> RunConductor::measure(const RunPlace& place, SideStack& stack, WatchState& watched) {
  RunRecord record;
  record.place = place;
  record.started_at = system_clock().wall_now();
  if (stack.build()) {
    record.build_version = stack.build()->build_version;
    record.build_timestamp = stack.build()->build_timestamp;
  }
  if (stack.observer() != nullptr) {
    if (auto started = stack.observer()->start(); !started) return tl::unexpected(started.error());
  }
  PlayOrder order = order_of(stack);
  order.out_folder = results_.run_folder(place);
  if (!stack.plan().log_file.empty())
    order.trace_header = plan_.trace.header.empty() ? "traceparent" : plan_.trace.header;
  auto watch = stack.watch();
  if (watch) order.stop_reason = [&watch] { return watch->stop_reason(); };
  auto played = driver_.play(order);
  if (watch) {
    watched = watch->state();
    if (watched != WatchState::running) {
      watch_reason_ = fmt::format("the {}: {}", to_string(stack.side()), *watch->stop_reason());
      record.invalid.push_back(watch_reason_);
    }
    watch.reset();
  }
  std::vector<PlayedRequest> requests;
  if (played) {
    record.result = std::move(played->result);
    requests = std::move(played->requests);
  }
  if (stack.observer() != nullptr) finish_observation(stack, requests, record);
  if (!played) return tl::unexpected(played.error());
  return record;
}

void RunConductor::finish_observation(SideStack& stack, const std::vector<PlayedRequest>& requests, RunRecord& record) {
  RunAttribution attribution(requests, plan_.trace);
  stack.on_statement([&attribution](const LoggedStatement& statement) { attribution.take(statement); });
  auto observation = stack.observer()->finish();
  stack.on_statement(nullptr);
  if (!observation) {
    record.invalid.push_back(observation.error().message);
    database_lost_ = observation.error();
    return;
  }
  record.database = recorded_database(*observation);
  attribution.set_routes(*record.database);
  if (auto problem = observation_problem(*observation)) record.invalid.push_back(*problem);
  if (observation->interrupted) {
    database_lost_ =
        Error{observation->interrupted->code, fmt::format("the {}'s database was lost in mid-run: {}",
                                                          to_string(stack.side()), observation->interrupted->message)};
  }
}

}  // namespace understudy
