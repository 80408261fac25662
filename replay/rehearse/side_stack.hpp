// One side's stack, as the rehearsal drives it: its environment's endpoints, its database, its commands.
//
// Thread safety: one thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "replay/database/database_observer.hpp"
#include "replay/environment/environment_client.hpp"
#include "replay/rehearse/plan.hpp"
#include "replay/rehearse/ports.hpp"
#include "replay/rehearse/run_watch.hpp"

namespace understudy {

class SideStack {
 public:
  // Asks nobody yet. All outlive it.
  SideStack(const RehearsalPlan& plan, RunSide side, const Clock& clock, Pause& pause);

  [[nodiscard]] RunSide side() const { return side_; }
  [[nodiscard]] const SidePlan& plan() const { return plan_.side(side_); }
  // Null: the plan says that there is none.
  [[nodiscard]] const EnvironmentClient* environment() const { return client_.get(); }

  // So many healthy polls in a row. Remembers the build that answers first; another one later is an error.
  // Nothing where there is no environment.
  [[nodiscard]] Result<std::optional<HealthPayload>> wait_healthy_build(const ProgressLineSink& progress);
  [[nodiscard]] const std::optional<HealthPayload>& build() const { return build_; }
  // Takes what answers next for the build: it was migrated.
  void forget_build() { build_.reset(); }
  // Takes up a rehearsal that began with this build.
  void expect_build(HealthPayload build) { build_ = std::move(build); }
  // Polls health until it is destroyed; null where there is no environment. REQUIRES: wait_healthy_build() before.
  [[nodiscard]] std::unique_ptr<RunWatch> watch() const;

  // Connects the observer, where the plan names a database.
  [[nodiscard]] Result<void> open_database();
  [[nodiscard]] DatabaseObserver* observer() const { return observer_.get(); }
  // Who gets the statements of the log from now on, in DatabaseObserver::finish(); null: nobody.
  void on_statement(QueryLogParser::Handler handler) { on_statement_ = std::move(handler); }

 private:
  [[nodiscard]] EnvironmentOptions environment_options() const;

  const RehearsalPlan& plan_;
  const RunSide side_;
  const Clock& clock_;
  std::unique_ptr<EnvironmentClient> client_;
  QueryLogParser::Handler on_statement_;
  std::unique_ptr<DatabaseObserver> observer_;
  std::optional<HealthPayload> build_;
};

}  // namespace understudy
